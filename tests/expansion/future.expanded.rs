pub fn later(number: u32) -> impl Future<Output = u32> {
    #[used]
    #[unsafe(link_section = "tachograph_0_1")]
    static TACHOGRAPH: ::tachograph::__private::CallSite = ::tachograph::__private::CallSite::future(
        "function=\"later\",module=\"snapshots::future\",component=\"application\"",
        2u32,
    );
    ::tachograph::__private::timed(
        ::tachograph::__private::once(move || { std::future::ready(number) }),
        |__output: ::tachograph::__private::Option<&u32>| (
            &TACHOGRAPH,
            ::tachograph::__private::Judge(__output).__outcome(),
        ),
    )
}
