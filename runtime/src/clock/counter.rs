//! The time stamp counter of x86-64, and the proof that it is a clock.
//!
//! CPUID says whether the counter runs at one rate whatever the processor does. Whether the counters of all processors
//! agree, and whether a hypervisor keeps them so, only the kernel has tested: it uses the counter as its own clock
//! where they do, and stops when it catches one of them lying. Other architectures use `Instant`.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(super) use self::x86_64::{is_proven, is_trusted_by_kernel, read};

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod x86_64 {
    use std::arch::x86_64::{__cpuid, _rdtsc};
    use std::fs::File;
    use std::io::Read;

    /// What the kernel reads the time from, a word and the end of a line.
    const CLOCKSOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

    /// The counter, unfenced: the processor may read it a few cycles early or late, a fence would cost more than that.
    #[inline]
    pub(crate) fn read() -> u64 {
        // SAFETY: the instruction only reads a register. Where the kernel has forbidden it to programs, it does not use
        // the counter as its clock either, and nobody comes here.
        unsafe { _rdtsc() }
    }

    pub(crate) fn is_proven() -> bool {
        is_invariant() && is_trusted_by_kernel()
    }

    fn is_invariant() -> bool {
        const POWER_MANAGEMENT: u32 = 0x8000_0007;
        const INVARIANT: u32 = 1 << 8;
        __cpuid(0x8000_0000).eax >= POWER_MANAGEMENT && __cpuid(POWER_MANAGEMENT).edx & INVARIANT != 0
    }

    /// Allocates nothing.
    pub(crate) fn is_trusted_by_kernel() -> bool {
        let mut name = [0; 16];
        let length = File::open(CLOCKSOURCE).and_then(|mut file| file.read(&mut name)).unwrap_or(0);
        is_the_counter(&name[..length])
    }

    fn is_the_counter(clocksource: &[u8]) -> bool {
        clocksource.trim_ascii_end() == b"tsc"
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_the_counter_itself_is_trusted() {
            assert!(is_the_counter(b"tsc\n"));
            let others: [&[u8]; 5] =
                [b"", b"tsc-early\n", b"kvm-clock\n", b"hpet\n", b"hyperv_clocksource_tsc_page\n"];
            assert!(others.iter().all(|name| !is_the_counter(name)));
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
pub(super) use self::none::{is_proven, is_trusted_by_kernel, read};

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod none {
    pub(crate) const fn is_proven() -> bool {
        false
    }

    pub(crate) const fn is_trusted_by_kernel() -> bool {
        false
    }

    pub(crate) const fn read() -> u64 {
        0
    }
}
