//! Arguments and item joined: what to measure, and how.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Expr, Path};

use crate::args::{Err, RequestScopedArgs, Slow, TimedArgs};
use crate::diagnostic::Diagnostics;
use crate::field::Field;
use crate::item::{Item, calls_macro};
use crate::shape::Shape;
use crate::slo::Slo;

pub(crate) struct TimedPlan {
    pub(crate) item: Item,
    pub(crate) shape: Shape,
    pub(crate) site: Site,
    /// Whether the call has a place for fields: it captures some, or its body records some.
    pub(crate) records: bool,
    pub(crate) fields: Vec<Field>,
    pub(crate) labels: Vec<Field>,
    pub(crate) max_series: usize,
    pub(crate) classify: Option<Path>,
    pub(crate) err: Option<Err>,
    pub(crate) root: TokenStream,
}

/// What the call site's static says.
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) component: String,
    pub(crate) line: u32,
    pub(crate) slow: Option<Slow>,
    pub(crate) buckets: Option<Vec<u64>>,
    pub(crate) in_flight: bool,
    pub(crate) sample: Option<u32>,
    pub(crate) slo: Option<SitesSlo>,
    pub(crate) labels: Vec<String>,
}

/// A service level, with all that the attribute leaves out.
pub(crate) struct SitesSlo {
    pub(crate) name: String,
    /// The objective as a share.
    pub(crate) ratio: f64,
    pub(crate) latency: Option<u64>,
}

pub(crate) struct RequestPlan {
    pub(crate) item: Item,
    pub(crate) shape: Shape,
    pub(crate) id: Option<Expr>,
    pub(crate) new: bool,
    pub(crate) fields: Vec<Field>,
    pub(crate) root: TokenStream,
}

impl TimedPlan {
    pub(crate) fn new(args: TimedArgs, item: Item) -> Self {
        let mut shape = Shape::of(&item);
        let site = Site::new(&args, unraw(&item.signature.ident), item.signature.ident.span());
        let (fields, labels) = (args.fields.unwrap_or_default(), args.labels.unwrap_or_default());
        if shape == Shape::Async && !labels.is_empty() {
            // The labels are expressions over the arguments as the signature names them.
            shape = Shape::AsyncKept;
        }
        let records = !fields.is_empty() || calls_macro(item.body.stream(), "record");
        if shape == Shape::SyncPlain && (records || args.classify.is_some() || args.err.is_some()) {
            shape = if item.has_attribute("track_caller") { Shape::CallerTracked } else { Shape::Sync };
        }
        Self {
            shape,
            site,
            records,
            fields,
            labels,
            max_series: args.max_series.unwrap_or(100),
            classify: args.classify,
            err: args.err,
            root: root(args.root.as_ref()),
            item,
        }
    }
}

impl Site {
    fn new(args: &TimedArgs, name: String, span: Span) -> Self {
        let name = args.name.as_ref().map_or(name, syn::LitStr::value);
        Self {
            slo: args.slo.as_ref().map(|slo| SitesSlo::new(slo, &name)),
            name,
            component: args.component.as_ref().map_or_else(|| "application".to_owned(), syn::LitStr::value),
            line: u32::try_from(span.unwrap().line()).unwrap_or(0),
            slow: args.slow,
            buckets: args.buckets.clone(),
            in_flight: args.in_flight.is_some(),
            sample: args.sample,
            labels: args.labels.iter().flatten().map(|label| label.name.to_string()).collect(),
        }
    }

    pub(crate) fn of_block(args: &TimedArgs, span: Span) -> Self {
        Self::new(args, String::new(), span)
    }
}

impl SitesSlo {
    fn new(slo: &Slo, function: &str) -> Self {
        Self {
            name: slo.name.as_ref().map_or_else(|| function.to_owned(), syn::LitStr::value),
            ratio: slo.ratio,
            latency: slo.latency.as_ref().map(|latency| latency.nanos),
        }
    }
}

impl RequestPlan {
    pub(crate) fn new(args: RequestScopedArgs, item: Item, diagnostics: &mut Diagnostics) -> Option<Self> {
        let shape = Shape::of(&item);
        if let Shape::OutOfReach(why) = shape {
            diagnostics.at(&item.signature.output, why.message());
            return None;
        }
        Some(Self {
            shape,
            id: args.id,
            new: args.new.is_some(),
            fields: args.fields.unwrap_or_default(),
            root: root(args.root.as_ref()),
            item,
        })
    }
}

/// The crate that the generated code names.
pub(crate) fn root(path: Option<&TokenStream>) -> TokenStream {
    path.map_or_else(|| quote!(::tachograph), Clone::clone)
}

/// `r#type` is called `type` everywhere but in the source.
fn unraw(ident: &syn::Ident) -> String {
    use syn::ext::IdentExt;
    ident.unraw().to_string()
}
