//! One captured field: `user_id`, `%url`, `?mode`, `size = body.len()`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Token, parenthesized};

use crate::diagnostic::Diagnostics;

pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) rendering: Rendering,
    pub(crate) value: Expr,
}

/// How the value becomes one that a record can hold.
#[derive(Clone, Copy)]
pub(crate) enum Rendering {
    Typed,
    Display,
    Debug,
}

impl Field {
    /// Reads `(a, %b, c = d)`; a name given twice is a mistake.
    pub(crate) fn read_all(
        argument: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Vec<Self>> {
        let content;
        parenthesized!(content in input);
        let fields = Punctuated::<Self, Token![,]>::parse_terminated(&content);
        // What is left of a mistake would be a second one to syn.
        content.parse::<TokenStream>()?;
        let fields: Vec<Self> = fields?.into_iter().collect();
        if fields.is_empty() {
            diagnostics.at(argument, format_args!("`{argument}` names nothing: write some, or remove it"));
        }
        let noun = if argument == "labels" { "label" } else { "field" };
        for (at, field) in fields.iter().enumerate() {
            if fields[..at].iter().any(|earlier| earlier.name == field.name) {
                diagnostics
                    .at(&field.name, format_args!("{noun} `{}` is given twice: remove one", field.name));
            }
        }
        Ok(fields)
    }
}

impl Parse for Field {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            let name = input.parse()?;
            input.parse::<Token![=]>()?;
            return Ok(Self { name, rendering: input.parse()?, value: input.parse()? });
        }
        let rendering = input.parse()?;
        let value: Expr = input.parse()?;
        match &value {
            Expr::Path(path) if path.path.get_ident().is_some_and(|name| name != "self") => {
                let name = path.path.require_ident()?.clone();
                Ok(Self { name, rendering, value })
            }
            _ => Err(syn::Error::new_spanned(value, "an expression needs a name: write `name = expression`")),
        }
    }
}

impl Parse for Rendering {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![%]) {
            input.parse::<Token![%]>().map(|_| Self::Display)
        } else if input.peek(Token![?]) {
            input.parse::<Token![?]>().map(|_| Self::Debug)
        } else {
            Ok(Self::Typed)
        }
    }
}
