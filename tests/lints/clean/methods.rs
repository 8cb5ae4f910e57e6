//! Methods and traits.
use std::fmt;
use std::pin::Pin;

use tachograph::timed;

#[derive(Debug, Clone, Default)]
pub struct Store<T> {
    values: Vec<T>,
}

impl<T: Clone + Send + Sync> Store<T> {
    #[timed]
    #[must_use]
    pub fn filled(value: &T) -> Self {
        Self { values: vec![value.clone(); 3] }
    }

    #[timed]
    #[must_use]
    pub fn first(&self) -> Option<&T> {
        self.values.first()
    }

    #[timed]
    pub fn last(&mut self) -> Option<&mut T> {
        self.values.last_mut()
    }

    #[timed]
    pub async fn grow(&mut self, value: T) -> &mut T {
        std::future::ready(()).await;
        self.values.push(value);
        &mut self.values[0]
    }

    #[timed]
    pub async fn consume(self) -> Vec<T> {
        std::future::ready(()).await;
        self.values
    }

    #[timed]
    pub async fn consume_mutably(mut self, value: T) -> Vec<T> {
        std::future::ready(()).await;
        self.values.push(value);
        self.values
    }

    #[timed]
    #[must_use]
    pub fn pinned(self: Pin<&mut Self>) -> usize
    where
        T: Unpin,
    {
        println!();
        self.values.len()
    }

    #[timed]
    pub async fn shared(self: std::sync::Arc<Self>) -> usize {
        std::future::ready(()).await;
        self.values.len()
    }

    #[timed]
    pub async fn each<F>(&self, mut each: F)
    where
        F: FnMut(&T) + Send,
    {
        for value in &self.values {
            std::future::ready(()).await;
            each(value);
        }
    }

    #[timed]
    #[must_use]
    pub fn with(mut self, value: T) -> Self {
        self.values.push(value);
        self
    }

    #[timed]
    fn private(&self) -> usize {
        println!();
        self.values.len()
    }

    #[must_use]
    pub fn calls_private(&self) -> usize {
        self.private()
    }
}

pub trait Shape {
    #[timed]
    fn area(&self) -> u32 {
        println!("{}", self.name());
        0
    }

    fn name(&self) -> String;

    fn load(&self) -> impl Future<Output = u32> + Send;
}

impl Shape for Store<u32> {
    #[timed]
    fn area(&self) -> u32 {
        self.values.iter().sum()
    }

    #[timed]
    fn name(&self) -> String {
        String::from("store")
    }

    #[timed]
    async fn load(&self) -> u32 {
        std::future::ready(self.values.len()).await;
        1
    }
}

impl fmt::Display for Store<u32> {
    #[timed]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for value in &self.values {
            write!(formatter, "{value}")?;
        }
        Ok(())
    }
}

impl<T> Drop for Guard<T> {
    #[timed]
    fn drop(&mut self) {
        println!("{}", self.0.len());
    }
}

pub struct Guard<T>(Vec<T>);

impl<T> From<Vec<T>> for Guard<T> {
    #[timed]
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

pub struct Ready;

impl Future for Ready {
    type Output = ();

    #[timed]
    fn poll(self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        context.waker().wake_by_ref();
        std::task::Poll::Ready(())
    }
}
