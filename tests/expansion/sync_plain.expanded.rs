pub fn sum(numbers: &[u32]) -> u32 {
    #[used]
    #[unsafe(link_section = "tachograph_0_1")]
    static TACHOGRAPH: ::tachograph::__private::CallSite = ::tachograph::__private::CallSite::function(
        "function=\"sum\",module=\"snapshots::sync_plain\",component=\"application\"",
        2u32,
    );
    let __call = (&TACHOGRAPH).guarded(::tachograph::__private::Outcome::Ok);
    numbers.iter().sum()
}
