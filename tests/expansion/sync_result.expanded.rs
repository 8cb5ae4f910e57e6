pub fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    #[used]
    #[unsafe(link_section = "tachograph_0_1")]
    static TACHOGRAPH: ::tachograph::__private::CallSite = ::tachograph::__private::CallSite::function(
        "function=\"parse\",module=\"snapshots::sync_result\",component=\"application\"",
        2u32,
    );
    (&TACHOGRAPH)
        .start()
        .measure(|| -> Result<u32, std::num::ParseIntError> { text.trim().parse() })
        .__output()
}
