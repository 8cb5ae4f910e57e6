//! `#[timed]` on an `impl` block, a trait or an inline module: the attribute goes to each function in it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, ImplItem, Item, ItemImpl, Signature, Token, TraitItem, Type, Visibility};

use crate::args::{TIMED, TimedArgs};
use crate::argument::Argument;
use crate::diagnostic::Diagnostics;

/// What a container can say for all of its functions.
const INHERITED: [&str; 7] = ["component", "slow", "buckets", "in_flight", "sample", "err", "crate"];

/// An annotated container, its functions not looked into.
pub(crate) struct Container {
    /// Everything before the braces.
    head: Vec<TokenTree>,
    body: Group,
    kind: Kind,
}

enum Kind {
    /// Functions are named `Type::function`.
    Impl(String),
    /// The same with the trait's name.
    Trait(String),
    /// Functions have their own names; the label `module` tells the rest.
    Module,
}

impl Container {
    /// Reads a container, or nothing where the tokens are something else.
    pub(crate) fn read(tokens: &TokenStream) -> Option<Self> {
        let mut head: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let Some(TokenTree::Group(body)) = head.pop() else { return None };
        let kind = (body.delimiter() == Delimiter::Brace).then(|| Kind::of(&head)).flatten()?;
        Some(Self { head, body, kind })
    }

    /// The container with `#[timed]` on each function that has a body and is not left out.
    pub(crate) fn spread(self, args: &TokenStream, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
        let shared = Argument::split(args.clone());
        let inherited = |argument: &&Argument| INHERITED.contains(&argument.name.as_str());
        let known = |argument: &&Argument| TIMED.contains(&argument.name.as_str());
        for argument in shared.iter().filter(known).filter(|argument| !inherited(argument)) {
            let (name, listed) = (&argument.name, INHERITED.join("`, `"));
            let message = format!(
                "`{name}` cannot be said for all functions at once, only `{listed}` can: put it on one"
            );
            diagnostics.at_span(argument.span, message);
        }
        // The functions say again what is wrong with an argument; once is enough.
        TimedArgs::read(args.clone(), diagnostics);
        let spread = |input: ParseStream<'_>| {
            let mut contents = TokenStream::new();
            for attribute in input.call(Attribute::parse_inner)? {
                attribute.to_tokens(&mut contents);
            }
            while !input.is_empty() {
                contents.extend(self.member(input, args, &shared)?);
            }
            Ok(contents)
        };
        match spread.parse2(self.body.stream()) {
            Ok(contents) => {
                let mut braces = Group::new(Delimiter::Brace, contents);
                braces.set_span(self.body.span());
                let head = &self.head;
                Some(quote!(#(#head)* #braces))
            }
            Err(error) => {
                diagnostics.push(error);
                None
            }
        }
    }

    fn member(
        &self,
        input: ParseStream<'_>,
        args: &TokenStream,
        shared: &[Argument],
    ) -> syn::Result<TokenStream> {
        let ahead = input.fork();
        let header = |input: ParseStream<'_>| -> syn::Result<_> {
            let attributes = input.call(Attribute::parse_outer)?;
            let (visibility, defaultness) =
                (input.parse::<Visibility>()?, input.parse::<Option<Token![default]>>()?);
            Ok((attributes, visibility, defaultness, input.parse::<Signature>()?))
        };
        if header(&ahead).is_err() {
            return self.other(input, args);
        }
        let (mut attributes, visibility, defaultness, signature) = header(input)?;
        let rest: TokenTree = input.parse()?;
        let own = attributes.iter().position(is_timed).map(|at| attributes.remove(at));
        let measured = matches!(&rest, TokenTree::Group(_)) && signature.constness.is_none();
        let timed =
            if measured { self.timed(own.as_ref(), shared, &signature.ident) } else { TokenStream::new() };
        Ok(quote!(#(#attributes)* #timed #visibility #defaultness #signature #rest))
    }

    /// The attribute of one function: what it says itself, and what the container says besides.
    fn timed(&self, written: Option<&Attribute>, shared: &[Argument], function: &Ident) -> TokenStream {
        let own_tokens =
            written.and_then(|attribute| attribute.meta.require_list().ok()).map(|list| list.tokens.clone());
        let own = Argument::split(own_tokens.unwrap_or_default());
        if let (Some(attribute), true) = (written, own.iter().any(|argument| argument.name == "skip")) {
            // Left in place, to find nothing to do: without the feature `on` nobody would take it away either.
            return attribute.to_token_stream();
        }
        let said = |name: &str| own.iter().any(|argument| argument.name == name);
        let inherited = shared.iter().filter(|argument| !said(&argument.name));
        let arguments: Vec<_> = own.iter().chain(inherited).map(|argument| &argument.tokens).collect();
        let name = match &self.kind {
            Kind::Impl(of) | Kind::Trait(of) if !said("name") => Some(format!("{of}::{}", function.unraw())),
            _ => None,
        };
        let name = name.map(|name| quote!(name = #name,));
        let root = shared.iter().find(|argument| argument.name == "crate").map(Argument::value);
        let root = crate::plan::root(root.as_ref());
        // By the path that the user wrote, which has to lead somewhere without the feature `on` as well.
        let path = written.map(|attribute| attribute.path().to_token_stream());
        let path = path.unwrap_or_else(|| quote!(#root::timed));
        quote_spanned!(Span::mixed_site()=> #[#path(#name #(#arguments),*)])
    }

    /// What is no function; in a module, containers are annotated in their turn.
    fn other(&self, input: ParseStream<'_>, args: &TokenStream) -> syn::Result<TokenStream> {
        Ok(match self.kind {
            Kind::Impl(_) => input.parse::<ImplItem>()?.into_token_stream(),
            Kind::Trait(_) => input.parse::<TraitItem>()?.into_token_stream(),
            Kind::Module => {
                let mut item: Item = input.parse()?;
                let attributes = match &mut item {
                    Item::Impl(item) => &mut item.attrs,
                    Item::Trait(item) => &mut item.attrs,
                    Item::Mod(item) if item.content.is_some() => &mut item.attrs,
                    other => return Ok(other.to_token_stream()),
                };
                match attributes.iter().position(is_timed) {
                    Some(_) => item.into_token_stream(),
                    None => {
                        let shared = Argument::split(args.clone());
                        let root =
                            shared.iter().find(|argument| argument.name == "crate").map(Argument::value);
                        let root = crate::plan::root(root.as_ref());
                        quote_spanned!(Span::mixed_site()=> #[#root::timed(#args)] #item)
                    }
                }
            }
        })
    }
}

impl Kind {
    fn of(head: &[TokenTree]) -> Option<Self> {
        let word = |token: &TokenTree| matches!(token, TokenTree::Ident(_));
        let keyword =
            |token: &TokenTree| ["impl", "trait", "mod", "fn"].contains(&token.to_string().as_str());
        let at = head.iter().position(|token| word(token) && keyword(token))?;
        let name = || head.get(at + 1).map(ToString::to_string);
        match head[at].to_string().as_str() {
            "impl" => self_type(head).map(Self::Impl),
            "trait" => name().map(Self::Trait),
            "mod" => Some(Self::Module),
            _ => None,
        }
    }
}

/// The name of the type that an `impl` block is for, without its arguments.
fn self_type(head: &[TokenTree]) -> Option<String> {
    let block: ItemImpl = syn::parse2(quote!(#(#head)* {})).ok()?;
    Some(match &*block.self_ty {
        Type::Path(path) => path.path.segments.last()?.ident.unraw().to_string(),
        other => other.to_token_stream().to_string().replace(' ', ""),
    })
}

fn is_timed(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "timed")
}
