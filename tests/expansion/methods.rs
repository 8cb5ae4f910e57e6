use tachograph::timed;

pub struct Store {
    numbers: Vec<u32>,
}

#[timed(component = "store")]
impl Store {
    pub fn last(&mut self) -> Option<&mut u32> {
        self.numbers.last_mut()
    }

    #[timed(skip)]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    pub async fn load(&mut self, by: u32) -> usize {
        let number = std::future::ready(by).await;
        self.numbers.push(number);
        self.numbers.len()
    }
}
