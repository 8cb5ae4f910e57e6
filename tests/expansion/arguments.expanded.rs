pub fn fetch_file(
    url: &str,
    attempt: u32,
) -> impl ::core::future::Future<Output = Result<Vec<u8>, std::io::Error>> {
    #[used]
    #[unsafe(link_section = "tachograph_0_1")]
    static TACHOGRAPH: ::tachograph::__private::CallSite = ::tachograph::__private::CallSite::future(
            "function=\"fetch\",module=\"snapshots::arguments\",component=\"application\"",
            2u32,
        )
        .slow(::tachograph::__private::Slow::AtLeast(250000000u64));
    ::tachograph::__private::timed_recording(
        async move {
            if false {
                return ::tachograph::__private::never::<
                    Result<Vec<u8>, std::io::Error>,
                >();
            }
            ::tachograph::__private::record(|| [
                ("url", ::tachograph::__private::ToValue::to_value(&url)),
                ("attempt", ::tachograph::__private::ToValue::to_value(&(attempt + 1))),
            ]);
            std::future::ready(Err(std::io::Error::other(url))).await
        },
        |__output| (
            &TACHOGRAPH,
            match __output {
                ::tachograph::__private::Some(__output) => {
                    if let ::tachograph::__private::Some(__error) = ::tachograph::__private::Fallible::failure(
                        __output,
                    ) {
                        (&TACHOGRAPH)
                            .failed(
                                ::tachograph::__private::Level::Error,
                                ::tachograph::__private::ViaError::new(__error).__describe(),
                            );
                    }
                    ::tachograph::__private::Judge(
                            ::tachograph::__private::Some(__output),
                        )
                        .__outcome()
                }
                _ => ::tachograph::__private::Outcome::Ok,
            },
        ),
    )
}
