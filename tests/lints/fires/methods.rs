//! What is found in methods and traits.
use tachograph::timed;

#[derive(Clone)]
pub struct Store {
    numbers: Vec<u32>,
}

impl Store {
    #[timed]
    pub fn new() -> Self { //~ -clippy::missing_const_for_fn clippy::must_use_candidate clippy::new_without_default
        Self { numbers: vec![] }
    }

    #[timed]
    pub fn unused_self(&self) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
        7
    }

    #[timed]
    pub async fn unused_self_later(&self) -> u32 {
        std::future::ready(7).await
    }

    #[timed]
    pub fn len(&self) -> usize { //~ -clippy::missing_const_for_fn clippy::len_without_is_empty clippy::must_use_candidate
        self.numbers.len()
    }

    #[timed]
    pub fn to_owned_numbers(mut self) -> Vec<u32> { //~ clippy::must_use_candidate
        std::mem::take(&mut self.numbers)
    }

    #[timed]
    pub fn into_numbers(&self) -> Vec<u32> { //~ clippy::must_use_candidate
        self.numbers.clone()
    }

    #[timed]
    pub fn return_self_not_must_use(self) -> Self { //~ -clippy::missing_const_for_fn clippy::must_use_candidate clippy::return_self_not_must_use
        self
    }

    #[timed]
    pub fn should_implement_trait(self) -> Self { //~ -clippy::missing_const_for_fn clippy::must_use_candidate clippy::return_self_not_must_use
        self
    }

    #[timed]
    pub fn next(&mut self) -> Option<u32> { //~ clippy::should_implement_trait
        self.numbers.pop()
    }

    #[timed]
    pub fn wrong_self(&mut self, unused: u32) -> usize { //~ -clippy::missing_const_for_fn unused_variables
        return self.numbers.len(); //~ clippy::needless_return
    }

    #[timed]
    pub async fn grow(&mut self, unused: u32, mut by: u32) -> usize { //~ unused_mut unused_variables
        std::future::ready(()).await;
        return self.numbers.len(); //~ clippy::needless_return
    }

    #[timed]
    pub fn use_self(&self) -> Store { //~ clippy::must_use_candidate clippy::return_self_not_must_use clippy::use_self
        Store { numbers: self.numbers.clone() } //~ clippy::use_self
    }

    #[timed]
    pub async fn use_self_later(&self) -> Store { //~ clippy::use_self
        std::future::ready(()).await;
        Store { numbers: self.numbers.clone() } //~ clippy::use_self
    }

    #[timed]
    pub fn needless_arbitrary_self_type(self: &Self) -> usize { //~ -clippy::missing_const_for_fn clippy::must_use_candidate clippy::needless_arbitrary_self_type
        self.numbers.len()
    }

    #[timed]
    pub fn get(&self, at: usize) -> Option<&u32> { //~ clippy::must_use_candidate
        if let Some(number) = self.numbers.get(at) { return Some(number); } else { return None; } //~ clippy::needless_return clippy::redundant_else
    }

    #[timed]
    fn nobody(&self) -> usize { //~ -clippy::missing_const_for_fn dead_code
        self.numbers.len()
    }
}

pub trait Shape {
    #[timed]
    fn area(&self, unused: u32) -> u32 { //~ unused_variables
        7
    }

    #[timed]
    async fn area_later(&self, unused: u32) -> u32 { //~ -async_fn_in_trait unused_variables
        std::future::ready(7).await
    }

    fn name(&self) -> String;
}

impl Shape for Store {
    #[timed]
    fn area(&self, unused: u32) -> u32 { //~ unused_variables
        return 8; //~ clippy::needless_return
    }

    #[timed]
    async fn area_later(&self, unused: u32) -> u32 { //~ unused_variables
        return std::future::ready(8).await; //~ clippy::needless_return
    }

    #[timed]
    fn name(&self) -> String {
        let name = String::from("store");
        name.clone() //~ clippy::redundant_clone
    }
}

impl std::str::FromStr for Store {
    type Err = std::num::ParseIntError;

    #[timed]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number: u32 = text.parse()?;
        return Ok(Self { numbers: vec![number] }); //~ clippy::needless_return
    }
}

impl PartialEq for Store {
    #[timed]
    fn eq(&self, other: &Self) -> bool { //~ clippy::unconditional_recursion
        self == other
    }
}

impl Drop for Store {
    #[timed]
    fn drop(&mut self) {
        return self.numbers.clear(); //~ clippy::needless_return
    }
}

pub struct Elided<'a>(&'a str);

impl<'a> Elided<'a> {
    #[timed]
    pub fn text(&'a self) -> &str { //~ -clippy::missing_const_for_fn clippy::must_use_candidate mismatched_lifetime_syntaxes
        self.0
    }

    #[timed]
    pub fn hidden_lifetime(text: &str) -> Elided { //~ clippy::must_use_candidate mismatched_lifetime_syntaxes
        println!();
        Elided(text)
    }

    #[timed]
    pub async fn hidden_lifetime_later(text: &str) -> Elided { //~ mismatched_lifetime_syntaxes
        std::future::ready(()).await;
        Elided(text)
    }
}
