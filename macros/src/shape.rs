//! The shape in which a function gives its result, as far as its tokens tell.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{GenericArgument, Path, PathArguments, PathSegment, ReturnType, Type, TypeParamBound};

use crate::item::{Item, may_wait};

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
    /// As a future that is out of reach.
    OutOfReach(OutOfReach),
}

/// Why nothing can be put around a future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutOfReach {
    /// It is within another type: `Option<impl Future>`.
    Within,
    /// It is a `Box<dyn Future>`.
    Unpinned,
}

/// `fn … -> impl Future`, `fn … -> Pin<Box<dyn Future>>` (what `#[async_trait]` makes of an `async fn`), and the same
/// for streams.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Given {
    looks: Looks,
    pub(crate) boxed: Option<Boxed>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Boxed {
    /// `Pin<Box<dyn …>>`.
    Written,
    /// By a name that is known for it, and that may be anything all the same.
    Alias,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    Future,
    Stream,
}

impl Shape {
    pub(crate) const fn is_async(self) -> bool {
        matches!(
            self,
            Self::Async | Self::AsyncKept | Self::AsyncUnsuspended | Self::AsyncNever | Self::Given(_)
        )
    }

    pub(crate) fn of(item: &Item) -> Self {
        let output = match &item.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, output) => Some(&**output),
        };
        if item.signature.asyncness.is_some() {
            return match output {
                Some(Type::Never(_)) => Self::AsyncNever,
                _ if !may_wait(item.body.stream()) => Self::AsyncUnsuspended,
                _ if item.must_stay_async() => Self::AsyncKept,
                _ => Self::Async,
            };
        }
        match output.map(Given::of) {
            Some(Ok(Some(given))) => return Self::Given(given),
            Some(Err(why)) => return Self::OutOfReach(why),
            Some(Ok(None)) | None => {}
        }
        match output {
            Some(output) if !is_plain(output) && item.has_attribute("track_caller") => Self::CallerTracked,
            Some(output) if !is_plain(output) => Self::Sync,
            _ => Self::SyncPlain,
        }
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

/// Whether only its type can tell what an output is. Nobody gives the name `Result` to a future.
pub(crate) fn may_be_a_future(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => false,
        ReturnType::Type(_, output) => !is_plain(output) && !is_named_result(output),
    }
}

fn is_named_result(output: &Type) -> bool {
    match output {
        Type::Paren(inner) => is_named_result(&inner.elem),
        Type::Group(inner) => is_named_result(&inner.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Result"),
        _ => false,
    }
}

impl OutOfReach {
    /// What stands in the way, and the remedy.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Within => {
                "a future within another type cannot be measured from here: annotate the function that makes it, or \
                 return `impl Future`"
            }
            Self::Unpinned => {
                "a future that is not pinned cannot be measured from here: return `impl Future` or \
                 `Pin<Box<dyn Future>>`"
            }
        }
    }
}

impl Given {
    /// What a return type looks like; an error where it looks like a future or stream that is out of reach.
    fn of(output: &Type) -> Result<Option<Self>, OutOfReach> {
        let given = |looks, boxed| Ok(Some(Self { looks, boxed }));
        match output {
            Type::Paren(inner) => Self::of(&inner.elem),
            Type::Group(inner) => Self::of(&inner.elem),
            Type::ImplTrait(output) => match bounds_look(&output.bounds) {
                Some(looks) => given(looks, None),
                None => Ok(None),
            },
            Type::Path(path) => match boxed_looks(&path.path) {
                Some((looks, boxed)) => given(looks, Some(boxed)),
                None if holds_future(output) => {
                    Err(if is_box(&path.path) { OutOfReach::Unpinned } else { OutOfReach::Within })
                }
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
        if self.boxed.is_some() {
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
fn boxed_looks(path: &Path) -> Option<(Looks, Boxed)> {
    let last = path.segments.last()?;
    match last.ident.to_string().as_str() {
        "BoxFuture" | "LocalBoxFuture" => return Some((Looks::Future, Boxed::Alias)),
        "BoxStream" | "LocalBoxStream" => return Some((Looks::Stream, Boxed::Alias)),
        _ => {}
    }
    let Type::Path(boxed) = argument_of("Pin", last)? else { return None };
    match argument_of("Box", boxed.path.segments.last()?)? {
        Type::TraitObject(object) => Some((bounds_look(&object.bounds)?, Boxed::Written)),
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

/// The type of the future's output or of the stream's items, where the return type says it.
pub(crate) fn made_type(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, output) => made_by(output),
    }
}

fn made_by(output: &Type) -> Option<&Type> {
    match output {
        Type::Paren(inner) => made_by(&inner.elem),
        Type::Group(inner) => made_by(&inner.elem),
        Type::ImplTrait(output) => output.bounds.iter().find_map(associated_type),
        Type::TraitObject(output) => output.bounds.iter().find_map(associated_type),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            let argument = arguments.args.iter().rev().find_map(|argument| match argument {
                GenericArgument::Type(argument) => Some(argument),
                _ => None,
            })?;
            // What an alias says of it, only the alias knows.
            if last.ident == "Pin" || last.ident == "Box" { made_by(argument) } else { None }
        }
        _ => None,
    }
}

fn associated_type(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let PathArguments::AngleBracketed(arguments) = &bound.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(named) if named.ident == "Output" || named.ident == "Item" => {
            Some(&named.ty)
        }
        _ => None,
    })
}
