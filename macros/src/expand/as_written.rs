//! For clippy a function stays as it was written: it is to say of it what it says without the attribute, no more and no
//! less. What it would see of the generated code is nothing that the user could mend.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::hygienic;
use crate::field::Field;
use crate::item::Item;
use crate::plan::{RequestPlan, TimedPlan};

/// Whether clippy is what compiles the program. `cargo clippy` tells its driver so by this variable, and keeps what it
/// compiles apart from what others do.
pub(crate) fn is_for_clippy() -> bool {
    std::env::var_os("CLIPPY_ARGS").is_some()
}

pub(crate) fn timed_as_written(plan: &TimedPlan) -> TokenStream {
    let uses = uses(plan.fields.iter().chain(&plan.labels));
    let classify = plan.classify.as_ref().map(|path| quote_spanned!(hygienic()=> let _ = #path;));
    with_uses(&plan.item, quote_spanned!(hygienic()=> #uses #classify))
}

pub(crate) fn request_as_written(plan: &RequestPlan) -> TokenStream {
    let uses = uses(plan.fields.iter());
    let id = plan.id.as_ref().map(|id| quote_spanned!(hygienic()=> let _ = &(#id);));
    with_uses(&plan.item, quote_spanned!(hygienic()=> #uses #id))
}

/// What the arguments name counts as used.
fn uses<'a>(fields: impl Iterator<Item = &'a Field>) -> TokenStream {
    let value = |field: &Field| {
        let value = &field.value;
        quote_spanned!(hygienic()=> let _ = &(#value);)
    };
    fields.map(value).collect()
}

fn with_uses(item: &Item, uses: TokenStream) -> TokenStream {
    let function = if uses.is_empty() {
        item.unchanged()
    } else {
        let body = item.body.stream();
        item.with_body(quote_spanned!(hygienic()=> if false { #uses } #body))
    };
    // The one advice that would be wrong: an annotated function cannot be `const`.
    quote_spanned!(hygienic()=> #[allow(clippy::missing_const_for_fn)] #function)
}
