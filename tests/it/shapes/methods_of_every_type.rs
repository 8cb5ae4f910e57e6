//! Functions among methods that every type has.
#![allow(dead_code, non_upper_case_globals, reason = "names stand here only to be in the way")]

/// Methods of the user's own on every type.
mod blanket {
    trait Everything {
        fn outcome(&self) -> u8 {
            1
        }
        fn finish(&self) -> u8 {
            2
        }
        fn call(&self) -> u8 {
            3
        }
        fn deref(&self) -> u8 {
            4
        }
        fn run(&self) -> u8 {
            5
        }
    }
    impl<T: ?Sized> Everything for T {}

    #[tachograph::timed]
    pub(super) fn among_blanket_methods() -> Result<u8, u8> {
        super::super::driver::work();
        Err(().outcome() + ().finish() + ().call() + Everything::deref(&()) + ().run())
    }

    #[tachograph::timed]
    pub(super) async fn async_among_blanket_methods() -> Option<u8> {
        super::super::driver::work_later().await;
        Some(().outcome())
    }
}
shape!(sync among_blanket_methods => Error, { assert_eq!(blanket::among_blanket_methods(), Err(15)) });
shape!(send async_among_blanket_methods => Ok, { assert_eq!(blanket::async_among_blanket_methods().await, Some(1)) });
