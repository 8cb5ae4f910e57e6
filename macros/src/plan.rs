//! Arguments and item joined: what to measure, and in which shape the function gives its result.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, GenericArgument, Path, PathArguments, PathSegment, ReturnType, Type, TypeParamBound};

use crate::args::{Err, RequestScopedArgs, Slow, TimedArgs};
use crate::diagnostic::Diagnostics;
use crate::field::Field;
use crate::item::{Item, calls_macro, may_wait};

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
    pub(crate) labels: Vec<String>,
}

/// How a function gives its result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// By returning it.
    Sync,
    /// By returning it, and its type is no `Result`.
    SyncPlain,
    /// By returning it, in a body that is to see the function's caller as its own.
    CallerTracked,
    /// `async fn`.
    Async,
    /// `async fn` that has to stay one: another attribute wants to see it, or `#[must_use]` speaks of its output.
    AsyncKept,
    /// `async fn` with nothing in it that could wait, as clippy will say: measured like a plain function.
    AsyncUnsuspended,
    /// `async fn … -> !`.
    AsyncNever,
    /// As a future or stream that it makes.
    Given(Given),
}

/// `fn … -> impl Future`, `fn … -> Pin<Box<dyn Future>>` (what `#[async_trait]` makes of an `async fn`), and the same
/// for streams.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Given {
    looks: Looks,
    pub(crate) boxed: bool,
    /// Whether the return type can be written at a closure.
    pub(crate) annotated: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    Future,
    Stream,
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
        let mut shape = Shape::of(&item, diagnostics)?;
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
        Some(Self {
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
        })
    }
}

impl Site {
    fn new(args: &TimedArgs, name: String, span: Span) -> Self {
        Self {
            name: args.name.as_ref().map_or(name, syn::LitStr::value),
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

impl RequestPlan {
    pub(crate) fn new(args: RequestScopedArgs, item: Item, diagnostics: &mut Diagnostics) -> Option<Self> {
        let shape = Shape::of(&item, diagnostics)?;
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

impl Shape {
    pub(crate) const fn is_async(self) -> bool {
        !matches!(self, Self::Sync | Self::SyncPlain | Self::CallerTracked)
    }

    fn of(item: &Item, diagnostics: &mut Diagnostics) -> Option<Self> {
        let output = match &item.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, output) => Some(&**output),
        };
        if item.signature.asyncness.is_some() {
            return Some(match output {
                Some(Type::Never(_)) => Self::AsyncNever,
                _ if !may_wait(item.body.stream()) => Self::AsyncUnsuspended,
                _ if item.must_stay_async() => Self::AsyncKept,
                _ => Self::Async,
            });
        }
        if let Some(output) = output {
            match Given::of(output) {
                Ok(Some(given)) => return Some(Self::Given(given)),
                Ok(None) => {}
                Err(message) => {
                    diagnostics.at(output, message);
                    return None;
                }
            }
        }
        Some(match output {
            Some(output) if !is_plain(output) && item.has_attribute("track_caller") => Self::CallerTracked,
            Some(output) if !is_plain(output) => Self::Sync,
            _ => Self::SyncPlain,
        })
    }
}

/// Whether a type is surely no `Result`. A name may be an alias of one, unless it is one of those that nobody gives to
/// anything else.
fn is_plain(output: &Type) -> bool {
    const PLAIN: [&str; 26] = [
        "Arc", "Box", "BTreeMap", "BTreeSet", "Cow", "Duration", "HashMap", "HashSet", "Option", "Ordering",
        "PathBuf", "Rc", "String", "Vec", "bool", "char", "f32", "f64", "i16", "i32", "i64", "i8", "isize",
        "str", "u8", "usize",
    ];
    const PLAIN_NUMBERS: [&str; 5] = ["u16", "u32", "u64", "u128", "i128"];
    match output {
        Type::Paren(inner) => is_plain(&inner.elem),
        Type::Group(inner) => is_plain(&inner.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            PLAIN.contains(&name.as_str()) || PLAIN_NUMBERS.contains(&name.as_str())
        }),
        Type::Macro(_) | Type::Verbatim(_) | Type::Infer(_) => false,
        _ => true,
    }
}

const UNPINNED: &str = "a future that is not pinned cannot be measured from here: return `impl Future` or \
                        `Pin<Box<dyn Future>>`";
const WITHIN: &str = "a future within another type cannot be measured from here: annotate the function that makes it, \
                      or return `impl Future`";

impl Given {
    /// What a return type looks like; a message where it looks like a future or stream that is out of reach.
    fn of(output: &Type) -> Result<Option<Self>, &'static str> {
        let given = |looks, boxed, annotated| Ok(Some(Self { looks, boxed, annotated }));
        match output {
            Type::Paren(inner) => Self::of(&inner.elem),
            Type::Group(inner) => Self::of(&inner.elem),
            Type::ImplTrait(output) => match bounds_look(&output.bounds) {
                Some(looks) => given(looks, false, false),
                None => Ok(None),
            },
            Type::Path(path) => match boxed_looks(&path.path) {
                Some(looks) => given(looks, true, true),
                None if holds_future(output) => Err(if is_box(&path.path) { UNPINNED } else { WITHIN }),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    pub(crate) fn measure(self) -> &'static str {
        match self.looks {
            Looks::Future => "timed",
            Looks::Stream => "timed_stream",
        }
    }

    /// What was measured, in the box that the return type has.
    pub(crate) fn pinned(self, root: &TokenStream, measured: TokenStream) -> TokenStream {
        if self.boxed {
            quote_spanned!(Span::mixed_site()=> #root::__private::Box::pin(#measured))
        } else {
            measured
        }
    }
}

fn bounds_look<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Option<Looks> {
    bounds.into_iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => match bound.path.segments.last()?.ident.to_string().as_str() {
            "Future" => Some(Looks::Future),
            "Stream" => Some(Looks::Stream),
            _ => None,
        },
        _ => None,
    })
}

/// `Pin<Box<dyn Future …>>` and `Pin<Box<dyn Stream …>>`, or the aliases that the crate `futures` has for them.
fn boxed_looks(path: &Path) -> Option<Looks> {
    let last = path.segments.last()?;
    match last.ident.to_string().as_str() {
        "BoxFuture" | "LocalBoxFuture" => return Some(Looks::Future),
        "BoxStream" | "LocalBoxStream" => return Some(Looks::Stream),
        _ => {}
    }
    let Type::Path(boxed) = argument_of("Pin", last)? else { return None };
    match argument_of("Box", boxed.path.segments.last()?)? {
        Type::TraitObject(object) => bounds_look(&object.bounds),
        _ => None,
    }
}

fn is_box(path: &Path) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == "Box")
}

/// Whether `impl Future` or `dyn Future` stands among the type's own arguments: `Result<impl Future, E>`.
fn holds_future(output: &Type) -> bool {
    match output {
        Type::ImplTrait(inner) => bounds_look(&inner.bounds).is_some(),
        Type::TraitObject(inner) => bounds_look(&inner.bounds).is_some(),
        Type::Paren(inner) => holds_future(&inner.elem),
        Type::Group(inner) => holds_future(&inner.elem),
        Type::Reference(inner) => holds_future(&inner.elem),
        Type::Tuple(inner) => inner.elems.iter().any(holds_future),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| match &last.arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments.args.iter().any(|argument| match argument {
                    GenericArgument::Type(inner) => holds_future(inner),
                    _ => false,
                })
            }
            _ => false,
        }),
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

/// The crate that the generated code names.
pub(crate) fn root(path: Option<&TokenStream>) -> TokenStream {
    path.map_or_else(|| quote!(::tachograph), Clone::clone)
}

/// `r#type` is called `type` everywhere but in the source.
fn unraw(ident: &syn::Ident) -> String {
    use syn::ext::IdentExt;
    ident.unraw().to_string()
}
