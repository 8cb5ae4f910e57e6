//! The request that the running code belongs to.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "telemetry")]
use std::sync::OnceLock;
use std::task;

use crate::field::{Fields, ToValue, Value};
#[cfg(feature = "telemetry")]
use crate::logs::Members;
use crate::request_id::{RequestId, ToRequestId};
#[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
use crate::trace_context::TraceContext;

/// A request's id and the fields that all its records carry. Cheap to clone, and safe to send to where the request
/// goes on.
#[derive(Clone, Debug, Default)]
pub struct Context {
    id: Option<RequestId>,
    fields: Option<Arc<ContextFields>>,
    /// When it was entered, by the steps of its thread.
    entered: u64,
}

/// The fields, and the same as records have them, once a record has asked.
#[derive(Debug, Default)]
struct ContextFields {
    plain: Fields,
    #[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
    trace: Option<TraceContext>,
    #[cfg(feature = "telemetry")]
    encoded: OnceLock<Members>,
}

#[cfg(feature = "telemetry")]
impl ContextFields {
    fn encode(&self) -> Members {
        #[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
        if let Some(trace) = &self.trace {
            let mut fields = Fields::new();
            fields.add("trace_id", trace.trace_id()).add("span_id", trace.span_id());
            for (name, value) in self.plain.iter() {
                fields.add(name.to_owned(), value);
            }
            return Members::of(&fields);
        }
        Members::of(&self.plain)
    }
}

impl Clone for ContextFields {
    /// For a context with other fields.
    fn clone(&self) -> Self {
        Self {
            plain: self.plain.clone(),
            #[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
            trace: self.trace.clone(),
            #[cfg(feature = "telemetry")]
            encoded: OnceLock::new(),
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Context> = const { RefCell::new(Context { id: None, fields: None, entered: 0 }) };
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// One step further into, or out of, what a thread is nested in: of two things entered, that of the later step is the
/// inner one.
pub(crate) fn step() -> u64 {
    STEPS
        .try_with(|steps| {
            steps.set(steps.get() + 1);
            steps.get()
        })
        .unwrap_or_default()
}

impl Context {
    /// The context of the code that asks.
    pub fn current() -> Self {
        with_current(Self::clone)
    }

    /// The id of the request, if there is one.
    pub fn request_id(&self) -> Option<&RequestId> {
        self.id.as_ref()
    }

    /// The fields of the request.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.fields.iter().flat_map(|fields| fields.plain.iter())
    }

    /// The current context with this id; without one, with the id it has, else a new one.
    pub fn with_id(id: impl ToRequestId) -> Self {
        let given = id.to_request_id();
        with_current(|context| Self {
            id: Some(given.or_else(|| context.id.clone()).unwrap_or_else(RequestId::new)),
            fields: context.fields.clone(),
            entered: 0,
        })
    }

    /// The current context, with a new id where it has none.
    pub fn inherited() -> Self {
        Self::with_id(None::<&str>)
    }

    /// The current context with a new id.
    pub fn with_new_id() -> Self {
        let fields = with_current(|context| context.fields.clone());
        Self { id: Some(RequestId::new()), fields, entered: 0 }
    }

    /// This context, with a new id where it has none.
    #[must_use]
    pub fn or_new_id(mut self) -> Self {
        self.id.get_or_insert_with(RequestId::new);
        self
    }

    /// What came with a message.
    #[cfg(any(feature = "apalis", feature = "serde"))]
    pub(crate) fn of_request(id: Option<RequestId>, trace: Option<TraceContext>) -> Self {
        let context = Self { id, ..Self::default() };
        match trace {
            Some(trace) => context.with_trace(trace),
            None => context,
        }
    }

    /// Of a request that came in over the network: the fields of the current context with this id, and a step of its caller's
    /// trace, else of the current one, else of one that begins.
    #[cfg(feature = "http")]
    pub(crate) fn of_incoming(id: RequestId, caller: Option<TraceContext>, ticks: u64) -> Self {
        let (plain, outer) = with_current(|context| {
            let fields = context.fields.as_deref();
            (fields.map(|it| it.plain.clone()), fields.and_then(|it| it.trace.clone()))
        });
        let trace = match caller.or(outer) {
            Some(trace) => trace.into_child(ticks),
            None => TraceContext::begin_at(Some(&id), ticks),
        };
        let fields = ContextFields {
            plain: plain.unwrap_or_default(),
            trace: Some(trace),
            #[cfg(feature = "telemetry")]
            encoded: OnceLock::new(),
        };
        Self { id: Some(id), fields: Some(Arc::new(fields)), entered: 0 }
    }

    /// With one field more; an outer one of the same name gives way.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl ToValue) -> Self {
        let fields = Arc::make_mut(self.fields.get_or_insert_default());
        fields.plain.add(name, value);
        // They may be this context's alone, and encoded already.
        #[cfg(feature = "telemetry")]
        fields.encoded.take();
        self
    }

    /// The trace that the request is part of, if there is one.
    #[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
    pub fn trace(&self) -> Option<&TraceContext> {
        self.fields.as_ref()?.trace.as_ref()
    }

    /// With this trace: its ids are the fields `trace_id` and `span_id` of all records.
    #[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
    #[must_use]
    pub fn with_trace(mut self, trace: TraceContext) -> Self {
        let fields = Arc::make_mut(self.fields.get_or_insert_default());
        fields.trace = Some(trace);
        #[cfg(feature = "telemetry")]
        fields.encoded.take();
        self
    }

    /// When it was entered, where it has fields.
    #[cfg(feature = "telemetry")]
    pub(crate) fn entered_with_fields(&self) -> Option<u64> {
        self.fields.is_some().then_some(self.entered)
    }

    /// The fields as records have them, encoded once.
    #[cfg(feature = "telemetry")]
    pub(crate) fn encoded_fields(&self) -> Option<&Members> {
        let fields = self.fields.as_ref()?;
        Some(fields.encoded.get_or_init(|| fields.encode()))
    }

    /// Runs `body` in this context.
    pub fn run<T>(self, body: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        body()
    }

    /// Makes this the current context until the guard drops.
    pub fn enter(mut self) -> Entered {
        self.entered = step();
        swap_current(&mut self);
        Entered { outer: self, _on_this_thread: std::marker::PhantomData }
    }

    /// The same without giving it away.
    pub(crate) fn entered(&mut self) -> Restore<'_> {
        Restore::after_entering(self)
    }

    /// Makes a future or stream in this context, and polls it there.
    #[doc(hidden)]
    #[inline]
    pub fn scope_made<F>(mut self, make: impl FnOnce() -> F) -> Scoped<F> {
        let entered = self.entered();
        let future = make();
        drop(entered);
        Scoped::new(self, future, Dropping::Anything)
    }

    /// Polls `future` in this context, whichever thread it is polled on.
    pub fn scope<F: Future>(self, future: F) -> Scoped<F> {
        Scoped::new(self, future, Dropping::Anything)
    }

    /// The same for an async block.
    #[doc(hidden)]
    pub fn scope_block<F: Future>(self, block: F) -> Scoped<F> {
        Scoped::new(self, block, Dropping::NothingWhenReady)
    }
}

/// Runs `reader` on the current context; on an empty one where the thread has no locals any more.
pub(crate) fn with_current<T>(reader: impl FnOnce(&Context) -> T) -> T {
    let mut reader = Some(reader);
    let mut read = |context: &Context| Some(reader.take()?(context));
    // A field's own `Display` may ask while the context is being swapped: it then sees none.
    let current = CURRENT.try_with(|current| current.try_borrow().ok().and_then(|context| read(&context)));
    let seen = current.ok().flatten().or_else(|| read(&Context::default()));
    seen.expect("a reader that was not called yet is called now")
}

fn swap_current(other: &mut Context) {
    let _ = CURRENT.try_with(|current| {
        if let Ok(mut current) = current.try_borrow_mut() {
            std::mem::swap(&mut *current, other);
        }
    });
}

/// Restores the outer context when it drops.
#[must_use = "the context is left when this drops"]
pub struct Entered {
    outer: Context,
    /// A guard dropped on another thread would restore the wrong context.
    _on_this_thread: std::marker::PhantomData<*const ()>,
}

impl fmt::Debug for Entered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entered").finish_non_exhaustive()
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        swap_current(&mut self.outer);
    }
}

/// A future that is polled, and dropped, in a context of its own.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct Scoped<F> {
    context: Context,
    /// Dropped by hand, inside the context: what a cancelled request logs carries its id.
    future: ManuallyDrop<F>,
    drop: Dropping,
}

/// What the drop of a future may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dropping {
    /// Nobody knows.
    Anything,
    /// That of an async block does nothing any more once it is ready.
    NothingWhenReady,
    Nothing,
}

impl<F> Scoped<F> {
    const fn new(context: Context, future: F, drop: Dropping) -> Self {
        Self { context, future: ManuallyDrop::new(future), drop }
    }
}

impl<F> Scoped<F> {
    /// What is inside, with its context entered until the second value drops; and what its own drop may do.
    #[inline]
    fn entered(self: Pin<&mut Self>) -> (Pin<&mut F>, Restore<'_>, &mut Dropping) {
        // SAFETY: `future` is structurally pinned: it is never moved, and dropped in place by `drop` alone.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let future = unsafe { Pin::new_unchecked(&mut *this.future) };
        (future, Restore::after_entering(&mut this.context), &mut this.drop)
    }

    /// The context that it is polled in.
    #[cfg(feature = "http")]
    pub(crate) const fn context(&self) -> &Context {
        &self.context
    }

    /// A future that was made in this context, or a body, which is read and dropped in it.
    #[cfg(feature = "http")]
    pub(crate) const fn within(context: Context, made: F) -> Self {
        Self::new(context, made, Dropping::Anything)
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> task::Poll<F::Output> {
        let (future, _restore, drop) = self.entered();
        let polled = future.poll(task);
        if polled.is_ready() && *drop == Dropping::NothingWhenReady {
            *drop = Dropping::Nothing;
        }
        polled
    }
}

#[cfg(feature = "on")]
impl<F: futures_core::Stream> futures_core::Stream for Scoped<F> {
    type Item = F::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> task::Poll<Option<F::Item>> {
        let (stream, _restore, _) = self.entered();
        stream.poll_next(task)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.future.size_hint()
    }
}

#[cfg(feature = "http")]
impl<B: http_body::Body> http_body::Body for Scoped<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut task::Context<'_>,
    ) -> task::Poll<Option<Result<http_body::Frame<B::Data>, B::Error>>> {
        let (body, _restore, _) = self.entered();
        body.poll_frame(task)
    }

    fn is_end_stream(&self) -> bool {
        self.future.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.future.size_hint()
    }
}

/// Swaps back also when a poll panics.
pub(crate) struct Restore<'a>(&'a mut Context);

impl<'a> Restore<'a> {
    fn after_entering(context: &'a mut Context) -> Self {
        context.entered = step();
        swap_current(context);
        Self(context)
    }
}

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        swap_current(self.0);
    }
}

impl<F> Drop for Scoped<F> {
    fn drop(&mut self) {
        // Outside, where it does nothing: to enter and to leave is most of what a short request costs.
        let _restore = (self.drop != Dropping::Nothing).then(|| Restore::after_entering(&mut self.context));
        // SAFETY: this is the only drop of `future`, and nothing can use it after.
        unsafe { ManuallyDrop::drop(&mut self.future) }
    }
}

/// The id of the current request as it stands in the records, or none outside of a request.
///
/// ```
/// assert_eq!(tachograph::request_id(), None);
/// tachograph::with_request_id("order-17", || {
///     assert_eq!(tachograph::request_id().as_deref(), Some("order-17"));
/// });
/// ```
pub fn request_id() -> Option<String> {
    with_current(|context| context.id.as_ref().map(ToString::to_string))
}

/// Runs `body` as part of the request `id`; an absent or invalid id means the current request, else a new one.
///
/// ```
/// tachograph::with_request_id(None::<String>, || assert!(tachograph::request_id().is_some()));
/// ```
pub fn with_request_id<T>(id: impl ToRequestId, body: impl FnOnce() -> T) -> T {
    Context::with_id(id).run(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_nest_and_restore() {
        with_request_id("outer", || {
            with_request_id("inner", || assert_eq!(request_id().as_deref(), Some("inner")));
            with_request_id("not valid", || assert_eq!(request_id().as_deref(), Some("outer")));
            assert_eq!(request_id().as_deref(), Some("outer"));
        });
        assert_eq!(request_id(), None);
    }

    #[test]
    fn a_panic_restores_the_outer_context() {
        let panicked =
            std::panic::catch_unwind(|| with_request_id("a", || std::panic::resume_unwind(Box::new(()))));
        assert!(panicked.is_err());
        assert_eq!(request_id(), None);
    }

    #[test]
    fn a_future_is_polled_and_dropped_in_its_context() {
        struct Witness(Arc<std::sync::Mutex<Vec<Option<String>>>>);
        impl Drop for Witness {
            fn drop(&mut self) {
                self.0.lock().unwrap().push(request_id());
            }
        }
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let witness = Witness(Arc::clone(&seen));
        let body = async move {
            let _witness = witness;
            std::future::pending::<()>().await;
        };
        let mut future = Box::pin(Context::with_id("job").scope(body));
        assert!(future.as_mut().poll(&mut task::Context::from_waker(task::Waker::noop())).is_pending());
        assert_eq!(request_id(), None);
        drop(future);
        assert_eq!(*seen.lock().unwrap(), [Some("job".to_owned())]);
    }

    #[test]
    fn inner_fields_replace_outer_ones() {
        Context::with_new_id().field("user", "a").field("shop", 1).run(|| {
            let inner = Context::current().field("user", "b");
            let fields: Vec<_> =
                inner.fields().map(|(name, value)| (name.to_owned(), value.clone())).collect();
            assert_eq!(fields, [("user".into(), Value::Text("b".into())), ("shop".into(), Value::Signed(1))]);
        });
    }
}
