//! What is found in the functions of annotated blocks, traits and modules.
use tachograph::timed;

pub struct Store {
    numbers: Vec<u32>,
}

#[timed(component = "store")]
impl Store {
    pub fn counted(&self) -> usize { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
        return self.numbers.len(); //~ clippy::needless_return
    }

    #[timed(skip)]
    pub fn left_out(&self) -> usize { //~ clippy::missing_const_for_fn clippy::must_use_candidate
        return self.numbers.len(); //~ clippy::needless_return
    }

    pub const fn constant(&self) -> usize { //~ clippy::must_use_candidate
        return self.numbers.len(); //~ clippy::needless_return
    }

    pub async fn later(&self, unused: u32) -> usize { //~ unused_variables
        std::future::ready(()).await;
        return self.numbers.len(); //~ clippy::needless_return
    }

    fn nobody(&self) -> usize { //~ -clippy::missing_const_for_fn dead_code
        self.numbers.len()
    }

    pub fn assigned(&mut self, mut number: u32) { //~ -clippy::missing_const_for_fn unused_variables
        number = 7; //~ unused_assignments
    }

    #[must_use]
    pub fn important(&self) -> usize { //~ unconditional_recursion
        self.later(1); //~ unused_must_use
        self.important(); //~ unused_must_use
        self.numbers.len()
    }
}

#[timed]
impl Drop for Store {
    fn drop(&mut self) {
        return self.numbers.clear(); //~ clippy::needless_return
    }
}

#[timed]
pub trait Shape {
    fn area(&self, unused: u32) -> u32 { //~ unused_variables
        return 7; //~ clippy::needless_return
    }

    fn name(&self) -> String;
}

#[timed]
impl Shape for Store {
    fn name(&self) -> String {
        let name = String::from("store");
        name.clone() //~ clippy::redundant_clone
    }
}

#[timed]
pub mod inner {
    use std::collections::HashMap; //~ unused_imports

    fn nobody() {} //~ -clippy::missing_const_for_fn dead_code

    #[must_use]
    pub fn parsed(text: &str) -> Option<u32> {
        let number = text.parse().ok();
        number //~ clippy::let_and_return
    }

    pub struct Inner;

    impl Inner {
        pub fn unused(&self, unused: u32) {} //~ -clippy::missing_const_for_fn unused_variables
    }
}
