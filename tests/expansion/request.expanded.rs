pub fn handle(header: Option<&str>, user: u64) -> String {
    let __request = ::tachograph::__private::Context::with_id(&header)
        .field("user", ::tachograph::__private::ToValue::to_value(&user))
        .enter();
    ::alloc::__export::must_use({
        ::alloc::fmt::format(format_args!("{0} {1:?}", user, header))
    })
}
pub fn job(name: String) -> impl ::core::future::Future<Output = ()> {
    ::tachograph::__private::Context::with_new_id()
        .scope_made(move || {
            #[used]
            #[unsafe(link_section = "tachograph_0_1")]
            static TACHOGRAPH: ::tachograph::__private::CallSite = ::tachograph::__private::CallSite::future(
                "function=\"job\",module=\"snapshots::request\",component=\"application\"",
                8u32,
            );
            ::tachograph::__private::timed(
                async move {
                    let _ = &name;
                    if false {
                        return ::tachograph::__private::never::<()>();
                    }
                    std::future::ready(name).await;
                },
                |__output| (
                    &TACHOGRAPH,
                    ::tachograph::__private::Judge(__output).__outcome(),
                ),
            )
        })
}
