//! Arguments and item joined: what to measure, and in which shape the function gives its result.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Expr, GenericArgument, Path, PathArguments, PathSegment, ReturnType, Type, TypeParamBound};

use crate::args::{Err, RequestScopedArgs, Slow, TimedArgs};
use crate::diagnostic::Diagnostics;
use crate::field::Field;
use crate::item::{Item, mentions};

pub(crate) struct TimedPlan {
    pub(crate) item: Item,
    pub(crate) shape: Shape,
    pub(crate) site: Site,
    /// Whether the call has a place for fields: it captures some, or its body records some.
    pub(crate) records: bool,
    pub(crate) fields: Vec<Field>,
    pub(crate) err: Option<Err>,
    pub(crate) root: TokenStream,
}

/// What the call site's static says.
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) component: String,
    pub(crate) line: u32,
    pub(crate) slow: Option<Slow>,
}

/// How a function gives its result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// By returning it.
    Sync,
    /// `async fn`.
    Async,
    /// `fn … -> impl Future`.
    ImplFuture,
    /// `fn … -> Pin<Box<dyn Future>>`, and what `#[async_trait]` makes of an `async fn`.
    BoxedFuture,
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
    pub(crate) fn new(args: TimedArgs, item: Item, diagnostics: &mut Diagnostics) -> Option<Self> {
        let shape = Shape::of(&item, diagnostics)?;
        let fields = args.fields.unwrap_or_default();
        Some(Self {
            shape,
            site: Site {
                name: args.name.map_or_else(|| unraw(&item.signature.ident), |name| name.value()),
                component: component(args.component),
                line: line(item.signature.ident.span()),
                slow: args.slow,
            },
            records: !fields.is_empty() || mentions(item.body.stream(), "record"),
            fields,
            err: args.err,
            root: root(args.root),
            item,
        })
    }
}

impl RequestPlan {
    pub(crate) fn new(args: RequestScopedArgs, item: Item, diagnostics: &mut Diagnostics) -> Option<Self> {
        let shape = Shape::of(&item, diagnostics)?;
        Some(Self {
            shape,
            id: args.id,
            new: args.new.is_some(),
            fields: args.fields.unwrap_or_default(),
            root: root(args.root),
            item,
        })
    }
}

impl Shape {
    fn of(item: &Item, diagnostics: &mut Diagnostics) -> Option<Self> {
        if item.signature.asyncness.is_some() {
            return Some(Self::Async);
        }
        let ReturnType::Type(_, output) = &item.signature.output else {
            return Some(Self::Sync);
        };
        match &**output {
            Type::ImplTrait(output) => match trait_name(&output.bounds) {
                Some(Looks::Future) => Some(Self::ImplFuture),
                Some(Looks::Stream) => {
                    diagnostics.at(output, "a stream is not measured yet: annotate what makes its items");
                    None
                }
                None => Some(Self::Sync),
            },
            Type::Path(path) if is_boxed_future(&path.path) => Some(Self::BoxedFuture),
            _ => Some(Self::Sync),
        }
    }
}

enum Looks {
    Future,
    Stream,
}

fn trait_name<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Option<Looks> {
    bounds.into_iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => match bound.path.segments.last()?.ident.to_string().as_str() {
            "Future" => Some(Looks::Future),
            "Stream" => Some(Looks::Stream),
            _ => None,
        },
        _ => None,
    })
}

/// `Pin<Box<dyn Future …>>`, or the alias that the crate `futures` has for it.
fn is_boxed_future(path: &Path) -> bool {
    let Some(last) = path.segments.last() else { return false };
    if last.ident == "BoxFuture" || last.ident == "LocalBoxFuture" {
        return true;
    }
    let Some(Type::Path(boxed)) = argument_of("Pin", last) else { return false };
    match boxed.path.segments.last().and_then(|last| argument_of("Box", last)) {
        Some(Type::TraitObject(object)) => matches!(trait_name(&object.bounds), Some(Looks::Future)),
        _ => false,
    }
}

/// The type `T` where the segment is `name<T>`.
fn argument_of<'a>(name: &str, segment: &'a PathSegment) -> Option<&'a Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if segment.ident == name => match arguments.args.first() {
            Some(GenericArgument::Type(argument)) => Some(argument),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn component(component: Option<syn::LitStr>) -> String {
    component.map_or_else(|| "application".to_owned(), |component| component.value())
}

/// The crate that the generated code names.
pub(crate) fn root(path: Option<TokenStream>) -> TokenStream {
    path.unwrap_or_else(|| quote!(::tachograph))
}

pub(crate) fn line(span: Span) -> u32 {
    u32::try_from(span.unwrap().line()).unwrap_or(0)
}

/// `r#type` is called `type` everywhere but in the source.
fn unraw(ident: &syn::Ident) -> String {
    use syn::ext::IdentExt;
    ident.unraw().to_string()
}
