//! What stands within a body: a measured block, and fields for the call around it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::site::site;
use super::{hygienic, value};
use crate::args::TimedBlockArgs;
use crate::field::Field;
use crate::plan::{Site, root};

/// `timed_block!`.
pub(crate) fn timed_block(input: TimedBlockArgs) -> TokenStream {
    let root = root(input.args.root.as_ref());
    let statics = site(&Site::of_block(&input.args, input.span), false, &root);
    let block = input.block;
    quote_spanned! {hygienic()=> {
        #statics
        let __call = (&TACHOGRAPH).start();
        let __output = #block;
        #[allow(unreachable_code)]
        __call.finish(#root::__private::Judge(#root::__private::Some(&__output)).__outcome());
        __output
    }}
}

/// `record!`.
pub(crate) fn record(fields: &[Field]) -> TokenStream {
    let root = quote!(::tachograph);
    let fields = fields.iter().map(|field| {
        let (name, value) = (field.name.to_string(), value(field, &root));
        quote_spanned!(hygienic()=> (#name, #value))
    });
    quote_spanned!(hygienic()=> #root::__private::record(|| [#(#fields),*]))
}
