struct Cart;

#[tachograph::timed(slo(objective = 99.9))]
impl Cart {
    fn order(&self) {}
}

fn main() {
    Cart.order();
}
