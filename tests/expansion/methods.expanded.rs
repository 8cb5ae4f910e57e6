use tachograph::timed;
pub struct Store {
    numbers: Vec<u32>,
}
impl Store {
    pub fn last(&mut self) -> Option<&mut u32> {
        #[used]
        #[unsafe(link_section = "tachograph_0_1")]
        static TACHOGRAPH: ::tachograph::__private::CallSite = ::tachograph::__private::CallSite::function(
            "function=\"Store::last\",module=\"snapshots::methods\",component=\"store\"",
            9u32,
        );
        let __call = (&TACHOGRAPH).guarded(::tachograph::__private::Outcome::Ok);
        self.numbers.last_mut()
    }
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
    pub fn load(&mut self, by: u32) -> impl ::core::future::Future<Output = usize> {
        #[used]
        #[unsafe(link_section = "tachograph_0_1")]
        static TACHOGRAPH: ::tachograph::__private::CallSite = ::tachograph::__private::CallSite::future(
            "function=\"Store::load\",module=\"snapshots::methods\",component=\"store\"",
            18u32,
        );
        ::tachograph::__private::timed(
            async move {
                if false {
                    return ::tachograph::__private::never::<usize>();
                }
                let number = std::future::ready(by).await;
                self.numbers.push(number);
                self.numbers.len()
            },
            |__output| (
                &TACHOGRAPH,
                ::tachograph::__private::Judge(__output).__outcome(),
            ),
        )
    }
}
