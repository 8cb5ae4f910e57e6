//! The attributes when nobody measures: what came in goes out.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

pub(crate) fn timed(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

pub(crate) fn request_scoped(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// The block is the last argument.
pub(crate) fn timed_block(input: TokenStream) -> TokenStream {
    input.into_iter().last().map(TokenStream::from).unwrap_or_else(|| {
        let message = "::core::compile_error!(\"`timed_block!` wants a name and a block\")";
        message.parse().unwrap_or_default()
    })
}

/// Names what it would record, so that a variable made for the record counts as used, and does nothing.
pub(crate) fn record(input: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = input.into_iter().collect();
    let is =
        |token: &TokenTree, mark: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark);
    let mut named = TokenStream::new();
    for field in tokens.split(|token| is(token, ',')).filter(|field| !field.is_empty()) {
        let given = field.iter().position(|token| is(token, '=')).map_or(0, |at| at + 1);
        let given = &field[given..];
        let value = given.iter().skip_while(|token| is(token, '%') || is(token, '?')).cloned();
        let value = TokenTree::Group(Group::new(Delimiter::Parenthesis, value.collect()));
        named.extend("let _ = &".parse::<TokenStream>().unwrap_or_default());
        named.extend([value]);
        named.extend(";".parse::<TokenStream>().unwrap_or_default());
    }
    let block = TokenTree::Group(Group::new(Delimiter::Brace, named));
    let mut expression = "if false".parse::<TokenStream>().unwrap_or_default();
    expression.extend([block]);
    TokenTree::Group(Group::new(Delimiter::Brace, expression)).into()
}
