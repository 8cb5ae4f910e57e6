//! The annotated function: attributes and signature parsed, the body left as raw tokens.
//!
//! A body that an editor's user is still typing does not parse; as tokens it passes through unharmed, and what is in
//! it is compiled, linted and underlined as if nobody had looked at it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Signature, Token, Visibility};

use crate::diagnostic::Diagnostics;

pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
}

impl Item {
    /// Reads a function; anything else is a mistake, told with the name of the attribute.
    pub(crate) fn read(tokens: TokenStream, attribute: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let (head, body) = without_body(tokens.clone());
        let read = |input: ParseStream<'_>| Self::parse(input, body, attribute);
        let read_all = |input: ParseStream<'_>| Self::parse(input, None, attribute);
        // A mistake is told at the token where it is seen, which may be the body.
        match read.parse2(head).or_else(|_| read_all.parse2(tokens)) {
            Ok(item) => Some(item),
            Err(error) => {
                diagnostics.push(error);
                None
            }
        }
    }

    fn parse(input: ParseStream<'_>, body: Option<Group>, attribute: &str) -> syn::Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let defaultness = input.parse()?;
        let places = if attribute == "timed" {
            "a function, an impl block, a trait or an inline module"
        } else {
            "a function"
        };
        let ahead = input.fork();
        let signature: Signature = input.parse().map_err(|error| match names_other_item(&ahead) {
            Some(kind) => {
                let message = format!("`#[{attribute}]` cannot go on {kind}: put it on {places}");
                syn::Error::new(ahead.span(), message)
            }
            None => error,
        })?;
        if let Some(constness) = &signature.constness {
            let message = format!(
                "`#[{attribute}]` cannot go on a const fn, which may run where there is no clock: remove `const` or \
                 the attribute"
            );
            return Err(syn::Error::new_spanned(constness, message));
        }
        if let Some(semicolon) = input.parse::<Option<Token![;]>>()? {
            let message =
                format!("`#[{attribute}]` needs a body: put it on the functions that implement this one");
            return Err(syn::Error::new_spanned(semicolon, message));
        }
        let body = match body {
            Some(body) if input.is_empty() => body,
            _ => braces(input.parse()?)?,
        };
        let (inner, body) = without_inner_attributes(body);
        attributes.extend(inner);
        Ok(Self { attributes, visibility, defaultness, signature, body })
    }

    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.path().is_ident(name))
    }

    /// Whether an `async fn` has to stay one. An attribute that this crate does not know, such as `#[tokio::test]`, may
    /// ask for it; and `#[must_use]` speaks of the output of an `async fn`, but of the future of a `fn`.
    pub(crate) fn must_stay_async(&self) -> bool {
        const SILENT: [&str; 18] = [
            "allow",
            "cfg",
            "cfg_attr",
            "cold",
            "deny",
            "deprecated",
            "doc",
            "expect",
            "export_name",
            "forbid",
            "inline",
            "link_section",
            "no_mangle",
            "request_scoped",
            "target_feature",
            "timed",
            "track_caller",
            "warn",
        ];
        self.attributes.iter().any(|attribute| {
            let path = attribute.path();
            let tool = path
                .segments
                .first()
                .is_some_and(|first| first.ident == "clippy" || first.ident == "rustfmt");
            let silent =
                path.segments.last().is_some_and(|last| SILENT.iter().any(|name| last.ident == name));
            !tool && !silent
        })
    }

    /// The attribute of this name, however its path begins.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| is_called(attribute, name))
    }

    /// Removes the attribute of this name, however its path begins, and gives it.
    pub(crate) fn take_attribute(&mut self, name: &str) -> Option<Attribute> {
        let at = self.attributes.iter().position(|attribute| is_called(attribute, name))?;
        Some(self.attributes.remove(at))
    }

    /// The body as it came, or behind some statements in the same braces: in braces of its own it would earn the lint
    /// on needless ones. The new braces stand where the old ones ended, so that rustc says of a half-typed body what it
    /// said of it already, and says nothing twice.
    pub(crate) fn body_after(&self, statements: TokenStream) -> Group {
        if statements.is_empty() {
            self.body.clone()
        } else {
            self.with_statements(statements, self.body.stream())
        }
    }

    /// Statements, and what is left of the body, in its braces.
    pub(crate) fn with_statements(&self, statements: TokenStream, contents: TokenStream) -> Group {
        let mut body = Group::new(Delimiter::Brace, quote!(#statements #contents));
        body.set_span(self.body.span_close());
        body
    }

    /// The future in a body that is `Box::pin(…)` and nothing else, as `#[async_trait]` writes it: it can be measured
    /// within that one box.
    pub(crate) fn boxed_expression(&self) -> Option<TokenStream> {
        let tokens: Vec<TokenTree> = self.body.stream().into_iter().collect();
        let (last, path) = tokens.split_last()?;
        let path: String = path.iter().map(ToString::to_string).collect();
        let boxed = ["Box::pin", "::std::boxed::Box::pin", "std::boxed::Box::pin"].contains(&path.as_str());
        match last {
            TokenTree::Group(group) if boxed && group.delimiter() == Delimiter::Parenthesis => {
                Some(group.stream())
            }
            _ => None,
        }
    }

    /// Puts other contents between the braces of the body.
    pub(crate) fn replace_body(&mut self, contents: TokenStream) {
        let span = self.body.span();
        self.body = Group::new(Delimiter::Brace, contents);
        self.body.set_span(span);
    }

    /// The function as it was written.
    pub(crate) fn unchanged(&self) -> TokenStream {
        let Self { attributes, visibility, defaultness, signature, body } = self;
        quote!(#(#attributes)* #visibility #defaultness #signature #body)
    }

    /// The function with another body between the braces of the old one.
    ///
    /// The braces keep their place in the user's file: with generated ones rustc takes the whole function for
    /// generated code, and no longer says that nobody calls it.
    pub(crate) fn with_body(&self, contents: TokenStream) -> TokenStream {
        let Self { attributes, visibility, defaultness, signature, body } = self;
        let mut braces = Group::new(Delimiter::Brace, contents);
        // At their end, for the same reason as above.
        braces.set_span(body.span_close());
        quote_spanned!(body.span()=> #(#attributes)* #visibility #defaultness #signature #braces)
    }
}

/// The body apart, where it stands in braces at the end: syn would read it through to the last token.
fn without_body(tokens: TokenStream) -> (TokenStream, Option<Group>) {
    let mut head: Vec<TokenTree> = tokens.into_iter().collect();
    let body =
        head.pop_if(|last| matches!(last, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace));
    let body = body.and_then(|body| braces(body).ok());
    (head.into_iter().collect(), body)
}

fn is_called(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}

/// The braces of a body, also where a macro hands it over as one fragment.
fn braces(token: TokenTree) -> syn::Result<Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Ok(group),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let read = |input: ParseStream<'_>| braces(input.parse()?);
            read.parse2(group.stream())
        }
        other => Err(syn::Error::new_spanned(other, "expected the body of a function")),
    }
}

/// What the tokens are instead of a function, where that is easy to tell.
fn names_other_item(input: ParseStream<'_>) -> Option<&'static str> {
    let kinds = |word: &str| match word {
        "struct" => Some("a struct"),
        "enum" => Some("an enum"),
        "union" => Some("a union"),
        "impl" => Some("an impl block"),
        "trait" => Some("a trait"),
        "mod" => Some("a module"),
        "extern" => Some("an extern block"),
        "static" => Some("a static"),
        "const" => Some("a constant"),
        "type" => Some("a type alias"),
        "use" => Some("an import"),
        "macro_rules" => Some("a macro"),
        "let" => Some("a statement"),
        _ => None,
    };
    loop {
        match input.parse().ok()? {
            TokenTree::Ident(word) if word == "unsafe" || word == "auto" => {}
            TokenTree::Ident(word) => return kinds(&word.to_string()),
            _ => return None,
        }
    }
}

/// `#![allow(…)]` at the head of a body belongs to the function, and would be a mistake within the generated one.
fn without_inner_attributes(body: Group) -> (Vec<Attribute>, Group) {
    let is_there = |mut tokens: proc_macro2::token_stream::IntoIter| {
        let mark = |token, mark| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
        mark(tokens.next(), '#') && mark(tokens.next(), '!')
    };
    if !is_there(body.stream().into_iter()) {
        return (Vec::new(), body);
    }
    let read =
        |input: ParseStream<'_>| Ok((input.call(Attribute::parse_inner)?, input.parse::<TokenStream>()?));
    let Ok((mut inner, rest)) = read.parse2(body.stream()) else {
        return (Vec::new(), body);
    };
    if inner.is_empty() {
        return (inner, body);
    }
    for attribute in &mut inner {
        attribute.style = syn::AttrStyle::Outer;
    }
    let mut without = Group::new(Delimiter::Brace, rest);
    without.set_span(body.span());
    (inner, without)
}

/// Whether the body calls a macro of this name.
pub(crate) fn calls_macro(tokens: TokenStream, name: &str) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Ident(ident) if ident == name => {
                matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '!')
            }
            TokenTree::Group(group) => calls_macro(group.stream(), name),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Whether there is an `await` in the body, or a macro that may hold one.
pub(crate) fn may_wait(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let may = match token {
            TokenTree::Ident(ident) if ident == "await" => true,
            TokenTree::Ident(_) => {
                let called = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '!');
                called && {
                    tokens.next();
                    matches!(tokens.peek(), Some(TokenTree::Group(_)))
                }
            }
            TokenTree::Group(group) => may_wait(group.stream()),
            _ => false,
        };
        if may {
            return true;
        }
    }
    false
}

/// Whether the body mentions a name, also within the braces of a format string.
pub(crate) fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{{{name}")),
        TokenTree::Punct(_) => false,
    })
}
