//! The written return type, put where inference would otherwise have to guess it.

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;

use syn::{ReturnType, Signature, Token, Type};

use crate::item::Item;

/// `-> T` for the closure around a body; nothing where the type cannot be written there.
pub(super) fn annotation(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> -> ()),
        ReturnType::Type(_, output) if matches!(**output, Type::ImplTrait(_)) => TokenStream::new(),
        ReturnType::Type(arrow, output) => {
            let output = without_impl(output.to_token_stream());
            quote_spanned!(Span::mixed_site()=> #arrow #output)
        }
    }
}

/// Where a warning of the return type stands.
pub(super) fn place(output: &ReturnType) -> Span {
    let written = match output {
        ReturnType::Default => output.span(),
        ReturnType::Type(_, output) => output.span(),
    };
    Span::mixed_site().located_at(written)
}

/// The body behind some statements, of which `variables` bind its arguments anew. What the last expression of a body leaves
/// behind lives as long as the body's arguments do, so it must not outlive such variables: the body is then a block of its own.
pub(super) fn body_behind(
    item: &Item,
    output: &ReturnType,
    before: &TokenStream,
    variables: &TokenStream,
) -> Group {
    if variables.is_empty() {
        return item.body_after(before.clone());
    }
    // The block's braces are the user's, whose edition says how long such things live there. The statement in it keeps
    // the lint on needless braces away.
    let block = item.with_statements(quote_spanned!(Span::mixed_site()=> let () = ();), item.body.stream());
    let typed = ascription(output);
    let statements = quote_spanned!(Span::mixed_site()=> #variables #before let __output #typed = #block;);
    item.with_statements(
        statements,
        quote_spanned!(Span::mixed_site()=> #[allow(unreachable_code)] return __output;),
    )
}

/// `T` where it can be written out in full.
pub(super) fn named(output: &ReturnType) -> Option<TokenStream> {
    match output {
        ReturnType::Default => Some(quote_spanned!(Span::mixed_site()=> ())),
        ReturnType::Type(_, output) => written(output),
    }
}

/// A type where it can be written out in full.
pub(super) fn written(output: &Type) -> Option<TokenStream> {
    let written = output.to_token_stream();
    (written.to_string() == without_impl(written.clone()).to_string()).then_some(written)
}

/// `: T` for a variable that takes the body's value.
pub(super) fn ascription(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> : ()),
        ReturnType::Type(_, output) if matches!(**output, Type::ImplTrait(_) | Type::Never(_)) => {
            TokenStream::new()
        }
        ReturnType::Type(_, output) => {
            let output = without_impl(output.to_token_stream());
            quote_spanned!(Span::mixed_site()=> : #output)
        }
    }
}

/// A statement that tells an async block its output before the body's first `return` or `?` needs it, so that type
/// errors stay on the user's expressions.
pub(super) fn hint(output: &ReturnType, root: &TokenStream) -> TokenStream {
    let output = match output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> ()),
        ReturnType::Type(_, output) if matches!(**output, Type::Never(_) | Type::ImplTrait(_)) => {
            return TokenStream::new();
        }
        ReturnType::Type(_, output) => without_impl(output.to_token_stream()),
    };
    hint_of(output, root)
}

pub(super) fn hint_of(output: TokenStream, root: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        if false {
            return #root::__private::never::<#output>();
        }
    }
}

/// `async fn f() -> T` becomes `fn f() -> impl Future<Output = T>`, which spares the future a second copy of every
/// argument. In edition 2024, this crate's, the new type captures all lifetimes, as that of an `async fn` does.
pub(super) fn make_future(signature: &mut Signature) {
    signature.asyncness = None;
    let (output, place) = match &signature.output {
        ReturnType::Default => (quote_spanned!(Span::mixed_site()=> ()), signature.paren_token.span.join()),
        ReturnType::Type(_, output) => (output.to_token_stream(), output.span()),
    };
    // The last token of the signature is the user's, or else what rustc says of the whole function it would say of the
    // attribute. The first stays ours: it is the edition of `impl` that says which lifetimes are captured.
    let mut end = Punct::new('>', Spacing::Alone);
    end.set_span(place);
    let future = quote_spanned!(Span::mixed_site().located_at(place)=> impl ::core::future::Future<Output = #output #end);
    let arrow = Token![->](Span::mixed_site());
    signature.output = ReturnType::Type(arrow, Box::new(Type::Verbatim(future)));
}

/// The type with `_` for every `impl Trait` in it: those may not be written inside a body.
fn without_impl(tokens: TokenStream) -> TokenStream {
    let mut output = TokenStream::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "impl" => {
                output.extend(quote_spanned!(word.span()=> _));
                output.extend(after_bounds(&mut tokens));
            }
            TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
                let mut inner = Group::new(group.delimiter(), without_impl(group.stream()));
                inner.set_span(group.span());
                output.extend([TokenTree::Group(inner)]);
            }
            other => output.extend([other]),
        }
    }
    output
}

/// Skips the bounds that follow `impl`; gives the token that ended them, a comma or the closing angle bracket.
fn after_bounds(tokens: &mut impl Iterator<Item = TokenTree>) -> Option<TokenTree> {
    let mut depth = 0_u32;
    let mut after_hyphen = false;
    for token in tokens {
        let mark = match &token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        match mark {
            '<' => depth += 1,
            '>' if after_hyphen => {}
            '>' | ',' if depth == 0 => return Some(token),
            '>' => depth -= 1,
            _ => {}
        }
        after_hyphen = mark == '-';
    }
    None
}
