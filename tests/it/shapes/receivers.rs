//! Methods, inherent and of traits.
#![allow(
    clippy::needless_lifetimes,
    clippy::needless_arbitrary_self_type,
    clippy::should_implement_trait,
    clippy::boxed_local,
    reason = "the long way to write a signature is a shape as well"
)]

use std::ops::{Add, ControlFlow, Deref, Index, IndexMut};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use tachograph::timed;

use super::driver::work;

#[derive(Clone, Debug, Default, PartialEq)]
struct Store<T>(Vec<T>);

impl<T: Clone + Default + PartialEq> Store<T> {
    #[timed]
    fn constructor(first: T) -> Self {
        work();
        Self(vec![first])
    }

    #[timed]
    fn fallible_constructor(values: Vec<T>) -> Result<Self, Vec<T>> {
        work();
        if values.is_empty() {
            return Err(values);
        }
        Ok(Self(values))
    }

    #[timed]
    fn by_reference(&self) -> Option<&T> {
        work();
        self.0.first()
    }

    #[timed]
    fn reborrowing(&mut self, at: usize) -> &mut T {
        work();
        if at >= self.0.len() {
            self.0.resize(at + 1, T::default());
        }
        &mut self.0[at]
    }

    #[timed]
    fn option_of_reborrow(&mut self) -> Option<&mut T> {
        work();
        self.0.iter_mut().next_back()
    }

    #[timed]
    fn two_reborrows(&mut self) -> (&mut [T], &mut [T]) {
        work();
        let half = self.0.len() / 2;
        self.0.split_at_mut(half)
    }

    #[timed]
    fn chained(&mut self, value: T) -> &mut Self {
        work();
        self.0.push(value);
        self
    }

    #[timed]
    fn by_value(self) -> Vec<T> {
        work();
        self.0
    }

    #[timed]
    fn by_mut_value(mut self, value: T) -> Self {
        work();
        self.0.push(value);
        self
    }

    #[timed]
    fn by_box(self: Box<Self>) -> Vec<T> {
        work();
        self.0
    }

    #[timed]
    fn by_rc(self: Rc<Self>) -> usize {
        work();
        Rc::strong_count(&self)
    }

    #[timed]
    fn by_arc(self: Arc<Self>) -> Arc<Self> {
        work();
        self
    }

    #[timed]
    fn by_reference_to_arc(self: &Arc<Self>) -> Arc<Self> {
        work();
        Arc::clone(self)
    }

    #[timed]
    fn by_pin(self: Pin<&mut Self>, value: T) -> usize
    where
        T: Unpin,
    {
        work();
        let this = self.get_mut();
        this.0.push(value);
        this.0.len()
    }

    #[timed]
    fn by_pinned_box(self: Pin<Box<Self>>) -> usize {
        work();
        self.0.len()
    }

    #[timed]
    fn by_written_reference(self: &Self, other: &Self) -> bool {
        work();
        self == other
    }

    #[timed]
    fn by_written_mut_reference(self: &mut Self) -> &mut Vec<T> {
        work();
        &mut self.0
    }

    #[timed]
    fn named_receiver_lifetime<'a, 'b>(
        &'a self,
        _other: &'b str,
    ) -> impl Iterator<Item = &'a T> + use<'a, 'b, T> {
        work();
        self.0.iter()
    }

    #[timed]
    fn each_with(&mut self, mut change: impl FnMut(&mut T)) {
        work();
        self.0.iter_mut().for_each(&mut change);
    }

    #[timed]
    fn generic_method<'a, U: From<&'a T>>(&'a self) -> Vec<U> {
        work();
        self.0.iter().map(U::from).collect()
    }
}

fn store() -> Store<u8> {
    Store(vec![1, 2, 3])
}

shape!(sync constructor => Ok, { assert_eq!(Store::constructor(1).0, [1]) });
shape!(sync fallible_constructor => Error, {
    assert_eq!(Store::<u8>::fallible_constructor(vec![]), Err(vec![]));
});
shape!(sync by_reference => Ok, { assert_eq!(store().by_reference(), Some(&1)) });
shape!(sync reborrowing => Ok, {
    let mut store = store();
    *store.reborrowing(4) = 5;
    assert_eq!(store.0, [1, 2, 3, 0, 5]);
});
shape!(sync option_of_reborrow => Ok, {
    let mut store = store();
    *store.option_of_reborrow().unwrap() = 5;
    assert_eq!(store.0, [1, 2, 5]);
});
shape!(sync two_reborrows => Ok, {
    let mut store = store();
    let (left, right) = store.two_reborrows();
    left[0] = std::mem::take(&mut right[0]);
    assert_eq!(store.0, [2, 0, 3]);
});
shape!(sync chained => 2 x Ok, { assert_eq!(store().chained(4).chained(5).0.len(), 5) });
shape!(sync by_value => Ok, { assert_eq!(store().by_value(), [1, 2, 3]) });
shape!(sync by_mut_value => Ok, { assert_eq!(store().by_mut_value(4).0, [1, 2, 3, 4]) });
shape!(sync by_box => Ok, { assert_eq!(Box::new(store()).by_box(), [1, 2, 3]) });
shape!(sync by_rc => Ok, {
    let store = Rc::new(store());
    assert_eq!(Rc::clone(&store).by_rc(), 2);
    assert_eq!(Rc::strong_count(&store), 1);
});
shape!(sync by_arc => Ok, { assert_eq!(Arc::strong_count(&Arc::new(store()).by_arc()), 1) });
shape!(sync by_reference_to_arc => Ok, {
    let store = Arc::new(store());
    assert_eq!(Arc::strong_count(&store.by_reference_to_arc()), 2);
});
shape!(sync by_pin => Ok, { assert_eq!(Pin::new(&mut store()).by_pin(4), 4) });
shape!(sync by_pinned_box => Ok, { assert_eq!(Box::pin(store()).by_pinned_box(), 3) });
shape!(sync by_written_reference => Ok, { assert!(store().by_written_reference(&store())) });
shape!(sync by_written_mut_reference => Ok, {
    let mut store = store();
    store.by_written_mut_reference().clear();
    assert!(store.0.is_empty());
});
shape!(sync named_receiver_lifetime => Ok, { assert_eq!(store().named_receiver_lifetime("").sum::<u8>(), 6) });
shape!(sync each_with => Ok, {
    let (mut store, mut count) = (store(), 0);
    store.each_with(|value| {
        count += 1;
        *value *= 2;
    });
    assert_eq!((store.0, count), (vec![2, 4, 6], 3));
});
shape!(sync generic_method => Ok, {
    struct Doubled(u8);
    impl From<&u8> for Doubled {
        fn from(value: &u8) -> Self {
            Self(value * 2)
        }
    }
    assert_eq!(store().generic_method::<Doubled>().iter().map(|doubled| doubled.0).sum::<u8>(), 12);
});

struct Parser<'text> {
    rest: &'text str,
}

impl<'text> Parser<'text> {
    #[timed]
    fn outlives_its_receiver(&mut self) -> Option<&'text str> {
        work();
        let (word, rest) = self.rest.split_once(' ')?;
        self.rest = rest;
        Some(word)
    }
}
shape!(sync outlives_its_receiver => 2 x Ok, {
    let mut parser = Parser { rest: "a b" };
    let word = parser.outlives_its_receiver();
    assert_eq!((parser.outlives_its_receiver(), word), (None, Some("a")));
});

struct Matrix<const ROWS: usize, const COLUMNS: usize>([[u8; COLUMNS]; ROWS]);

impl<const ROWS: usize, const COLUMNS: usize> Matrix<ROWS, COLUMNS> {
    #[timed]
    fn method_of_const_generics(&self) -> Matrix<COLUMNS, ROWS> {
        work();
        Matrix(std::array::from_fn(|column| std::array::from_fn(|row| self.0[row][column])))
    }
}
shape!(sync method_of_const_generics => Ok, {
    assert_eq!(Matrix([[1, 2, 3]]).method_of_const_generics().0, [[1], [2], [3]]);
});

trait Shape {
    type Size: Copy + Into<u64>;
    const CORNERS: u8;

    fn trait_method(&self) -> Self::Size;

    #[timed]
    fn trait_default_method(&self) -> u64 {
        work();
        self.trait_method().into() + u64::from(Self::CORNERS)
    }

    #[timed]
    fn trait_default_of_value(self) -> Self
    where
        Self: Sized,
    {
        work();
        self
    }

    fn trait_function(number: u8) -> Option<Self>
    where
        Self: Sized;

    fn generic_trait_method<T, F: FnMut(u64) -> T>(&self, call: F) -> T;

    fn impl_result_of_trait(&self) -> impl Iterator<Item = u8>;

    /// # Safety
    /// None is needed.
    unsafe fn unsafe_trait_method(&mut self);
}

#[derive(Debug, PartialEq)]
struct Square(u8);

impl Shape for Square {
    type Size = u8;
    const CORNERS: u8 = 4;

    #[timed]
    fn trait_method(&self) -> Self::Size {
        work();
        self.0
    }

    #[timed]
    fn trait_function(number: u8) -> Option<Self> {
        work();
        (number > 0).then_some(Self(number))
    }

    #[timed]
    fn generic_trait_method<T, F: FnMut(u64) -> T>(&self, mut call: F) -> T {
        work();
        call(self.0.into())
    }

    #[timed]
    fn impl_result_of_trait(&self) -> impl Iterator<Item = u8> {
        work();
        0..self.0
    }

    #[timed]
    unsafe fn unsafe_trait_method(&mut self) {
        work();
        self.0 += 1;
    }
}
shape!(sync trait_method => Ok, { assert_eq!(Square(3).trait_method(), 3) });
shape!(sync trait_default_method => Ok, { assert_eq!(Square(3).trait_default_method(), 7) });
shape!(sync trait_default_of_value => Ok, { assert_eq!(Square(3).trait_default_of_value(), Square(3)) });
shape!(sync trait_function => Ok, { assert_eq!(Square::trait_function(0), None) });
shape!(sync generic_trait_method => Ok, { assert_eq!(Square(3).generic_trait_method(|size| size * 2), 6) });
shape!(sync impl_result_of_trait => Ok, { assert_eq!(Square(3).impl_result_of_trait().sum::<u8>(), 3) });
shape!(sync unsafe_trait_method => Ok, {
    let mut square = Square(3);
    // SAFETY: none is needed.
    unsafe { square.unsafe_trait_method() };
    assert_eq!(square, Square(4));
});

trait Named {
    fn method_of_a_reference(self) -> String;
}

impl<'a, T: std::fmt::Debug> Named for &'a T {
    #[timed]
    fn method_of_a_reference(self) -> String {
        work();
        format!("{self:?}")
    }
}
shape!(sync method_of_a_reference => Ok, { assert_eq!((&Square(1)).method_of_a_reference(), "Square(1)") });

trait Visit {
    fn visit(&mut self, number: u8) -> ControlFlow<u8>;
}

impl dyn Visit {
    #[timed]
    fn method_of_a_trait_object(&mut self, numbers: &[u8]) -> Option<u8> {
        work();
        numbers.iter().try_for_each(|number| self.visit(*number)).break_value()
    }
}
shape!(sync method_of_a_trait_object => Ok, {
    struct Over(u8);
    impl Visit for Over {
        fn visit(&mut self, number: u8) -> ControlFlow<u8> {
            if number > self.0 { ControlFlow::Break(number) } else { ControlFlow::Continue(()) }
        }
    }
    let visit: &mut dyn Visit = &mut Over(2);
    assert_eq!(visit.method_of_a_trait_object(&[1, 3, 5]), Some(3));
});

trait Dynamic {
    fn called_through_a_trait_object(&self) -> u8;
}

impl Dynamic for Square {
    #[timed]
    fn called_through_a_trait_object(&self) -> u8 {
        work();
        self.0
    }
}
shape!(sync called_through_a_trait_object => Ok, {
    let object: Box<dyn Dynamic> = Box::new(Square(6));
    assert_eq!(object.called_through_a_trait_object(), 6);
});

impl Add for Square {
    type Output = Self;

    #[timed(name = "Square + Square")]
    fn add(self, other: Self) -> Self {
        work();
        Self(self.0 + other.0)
    }
}
shape!(sync operator as "Square + Square" => Ok, { assert_eq!(Square(1) + Square(2), Square(3)) });

impl<T> Index<usize> for Store<T> {
    type Output = T;

    #[timed(name = "store[]")]
    fn index(&self, at: usize) -> &T {
        work();
        &self.0[at]
    }
}
shape!(sync index_operator as "store[]" => Ok, { assert_eq!(store()[1], 2) });

impl<T> IndexMut<usize> for Store<T> {
    #[timed(name = "store[] =")]
    fn index_mut(&mut self, at: usize) -> &mut T {
        work();
        &mut self.0[at]
    }
}
shape!(sync index_mut_operator as "store[] =" => Ok, {
    let mut store = store();
    store[1] = 7;
    assert_eq!(store.0, [1, 7, 3]);
});

impl<T> Deref for Store<T> {
    type Target = [T];

    #[timed(name = "*store")]
    fn deref(&self) -> &[T] {
        work();
        &self.0
    }
}
shape!(sync deref_operator as "*store" => Ok, { assert_eq!(store().len(), 3) });

struct Countdown(u8);

impl Iterator for Countdown {
    type Item = u8;

    #[timed(name = "Countdown::next")]
    fn next(&mut self) -> Option<Self::Item> {
        work();
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}
shape!(sync iterator as "Countdown::next" => 3 x Ok, { assert!(Countdown(2).eq([1, 0])) });

impl std::fmt::Display for Countdown {
    #[timed(name = "Countdown::fmt")]
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        work();
        write!(formatter, "{}…", self.0)
    }
}
shape!(sync display as "Countdown::fmt" => Ok, { assert_eq!(Countdown(3).to_string(), "3…") });

impl std::str::FromStr for Countdown {
    type Err = std::num::ParseIntError;

    #[timed(name = "Countdown::from_str")]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        work();
        text.parse().map(Self)
    }
}
shape!(sync from_str as "Countdown::from_str" => Error, { assert!("x".parse::<Countdown>().is_err()) });

struct Droppable<'a>(&'a mut u8);

impl Drop for Droppable<'_> {
    #[timed(name = "Droppable::drop")]
    fn drop(&mut self) {
        work();
        *self.0 += 1;
    }
}
shape!(sync destructor as "Droppable::drop" => Ok, {
    let mut drops = 0;
    drop(Droppable(&mut drops));
    assert_eq!(drops, 1);
});

fn method_in_a_function() -> u8 {
    struct Local;
    impl Local {
        #[timed]
        fn method_of_a_local_type(&self) -> u8 {
            work();
            3
        }
    }
    Local.method_of_a_local_type()
}
shape!(sync method_of_a_local_type => Ok, { assert_eq!(method_in_a_function(), 3) });
