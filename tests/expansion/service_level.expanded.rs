pub fn check_out(items: u32) -> Option<u32> {
    #[used]
    #[unsafe(link_section = "tachograph_0_1")]
    static TACHOGRAPH: ::tachograph::__private::CallSite = ::tachograph::__private::CallSite::function(
            "function=\"check_out\",module=\"snapshots::service_level\",component=\"application\"",
            2u32,
        )
        .slo(
            &::tachograph::__private::Slo {
                name: "checkout",
                objective: 0.999f64,
                latency: ::tachograph::__private::Option::Some(250000000u64),
            },
        );
    let __call = (&TACHOGRAPH).guarded(::tachograph::__private::Outcome::Ok);
    items.checked_sub(1)
}
