//! The `return`s of a body that stays where it is, led past the guard that stands beside it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::Expr;
use syn::parse::{ParseStream, Parser};

/// What a `return`'s expression is put between.
pub(super) struct Returns {
    pub(super) before: TokenStream,
    pub(super) after: TokenStream,
}

impl Returns {
    /// The body with each of its own `return`s changed; those of closures, async blocks and inner functions are theirs.
    pub(super) fn led_past(&self, body: TokenStream) -> TokenStream {
        let mut changed = TokenStream::new();
        let mut rest: Vec<TokenTree> = body.into_iter().collect();
        rest.reverse();
        // A closure's body may be a single expression, without braces: what follows its `|…|` up to the next comma or
        // semicolon is its own.
        let mut in_closure = false;
        let mut foreign_braces = false;
        let mut last: Option<char> = None;
        while let Some(token) = rest.pop() {
            let mark = match &token {
                TokenTree::Punct(punct) => Some(punct.as_char()),
                _ => None,
            };
            match token {
                TokenTree::Ident(word) if word == "return" && !in_closure => {
                    changed.extend([TokenTree::Ident(word)]);
                    self.lead_past(&mut rest, &mut changed);
                }
                TokenTree::Ident(word) => {
                    foreign_braces |=
                        word == "fn" || word == "async" || word == "impl" || word == "trait" || word == "mod";
                    changed.extend([TokenTree::Ident(word)]);
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && foreign_braces => {
                    foreign_braces = false;
                    changed.extend([TokenTree::Group(group)]);
                }
                TokenTree::Group(group) if in_closure => changed.extend([TokenTree::Group(group)]),
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.led_past(group.stream()));
                    inner.set_span(group.span());
                    changed.extend([TokenTree::Group(inner)]);
                }
                // Where an expression begins, `|` begins a closure; the commas up to the next one part its parameters.
                TokenTree::Punct(punct)
                    if punct.as_char() == '|' && !in_closure && begins_expression(last, &changed) =>
                {
                    in_closure = true;
                    changed.extend([TokenTree::Punct(punct)]);
                    while let Some(parameter) = rest.pop() {
                        let is_end = matches!(&parameter, TokenTree::Punct(end) if end.as_char() == '|');
                        changed.extend([parameter]);
                        if is_end {
                            break;
                        }
                    }
                }
                TokenTree::Punct(punct) => {
                    match punct.as_char() {
                        ',' | ';' => {
                            in_closure = false;
                            foreign_braces = false;
                        }
                        _ => {}
                    }
                    changed.extend([TokenTree::Punct(punct)]);
                }
                other @ TokenTree::Literal(_) => changed.extend([other]),
            }
            last = mark;
        }
        changed
    }

    /// Changes the expression that begins the rest, if there is one.
    fn lead_past(&self, rest: &mut Vec<TokenTree>, changed: &mut TokenStream) {
        let expression = |input: ParseStream<'_>| {
            let expression: Expr = input.parse()?;
            Ok((quote!(#expression), input.parse::<TokenStream>()?))
        };
        let following: TokenStream = rest.iter().rev().cloned().collect();
        if let Ok((expression, after)) = expression.parse2(following) {
            let (before, judged) = (&self.before, &self.after);
            let expression = self.led_past(expression);
            changed.extend(quote!(#before(#expression #judged)));
            *rest = after.into_iter().collect();
            rest.reverse();
        }
    }
}

/// Whether what stands before a `|` lets an expression begin: an operator, a comma, `=`, `move`, or nothing.
fn begins_expression(last: Option<char>, before: &TokenStream) -> bool {
    let Some(previous) = before.clone().into_iter().last() else { return true };
    match previous {
        TokenTree::Punct(_) => last.is_some_and(|mark| "=,;({>!&*+-/^<".contains(mark)),
        TokenTree::Ident(word) => {
            ["move", "return", "in", "else", "break", "static"].iter().any(|known| word == known)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led_past(body: &str) -> String {
        let returns = Returns { before: quote!(end), after: TokenStream::new() };
        returns.led_past(body.parse().expect("tokens")).to_string().replace(' ', "")
    }

    fn check(body: &str, expected: &str) {
        assert_eq!(led_past(body), expected.replace(' ', ""));
    }

    #[test]
    fn a_return_is_led_past_wherever_it_stands() {
        check("if a { return Ok(1); } b", "if a { return end(Ok(1)); } b");
        check("match a { 1 => return x + 1, _ => 2 }", "match a { 1 => return end(x + 1), _ => 2 }");
        check("return f::<A, B>(|x| x)", "return end(f::<A, B>(|x| x))");
        check("let Some(x) = y else { return None };", "let Some(x) = y else { return end(None) };");
        check(
            "return match a { 1 => return 2, _ => 3 };",
            "return end(match a { 1 => return end(2), _ => 3 });",
        );
    }

    #[test]
    fn a_return_without_an_expression_stays() {
        check("return;", "return;");
    }

    #[test]
    fn a_return_of_somebody_else_stays() {
        for body in [
            "let f = |x| { return 1; };",
            "a.map(|x| { if x { return 2; } 3 })",
            "a.enter(|mut core, context| { if core { return 1; } context })",
            "let f = move || return 1;",
            "fn inner() -> u8 { return 1; }",
            "let f = async move { return 1; };",
        ] {
            check(body, body);
        }
    }

    #[test]
    fn an_or_is_no_closure() {
        check("if a || b { return 1; }", "if a || b { return end(1); }");
        check("let c = a | b; return c", "let c = a | b; return end(c)");
        check("match a { 1 | 2 => return 3, _ => 4 }", "match a { 1 | 2 => return end(3), _ => 4 }");
    }
}
