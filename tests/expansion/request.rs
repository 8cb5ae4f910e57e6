#[tachograph::request_scoped(id = header, fields(user))]
pub fn handle(header: Option<&str>, user: u64) -> String {
    format!("{user} {header:?}")
}

#[tachograph::request_scoped(new)]
#[tachograph::timed]
pub async fn job(name: String) {
    std::future::ready(name).await;
}
