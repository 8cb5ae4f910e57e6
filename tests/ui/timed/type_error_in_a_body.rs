#[tachograph::timed]
fn length(text: &str) -> usize {
    text.len() as u32
}

#[tachograph::timed]
async fn length_later(text: &str) -> usize {
    if text.is_empty() {
        return "none";
    }
    text.len() as u32
}

fn main() {
    let _ = length("");
    let _ = length_later("");
}
