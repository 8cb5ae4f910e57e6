//! The call sites of a program that is not run: the linker gathered them in a section of its file.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSection, ObjectSegment, ObjectSymbol, RelocationTarget};
use tachograph::__private::{CALL_SITES, SiteLayout};

use crate::fault::Fault;
use crate::program::{Function, labels};

type Elf<'a> = ElfFile64<'a, LittleEndian>;

/// The functions of a binary.
pub(crate) fn functions(path: &Path) -> Result<Vec<Function>, Fault> {
    let bytes = fs::read(path).map_err(|error| Fault::of(path, format!("cannot be read: {error}")))?;
    let elf: Elf<'_> = ElfFile64::parse(&*bytes)
        .map_err(|error| Fault::of(path, format!("is no program of a 64-bit Linux: {error}")))?;
    let section = elf.section_by_name(CALL_SITES.section).ok_or_else(|| {
        Fault::of(path, format!("has no call sites: there is no section `{}` in it; is it a program with tachograph of this version, and are its sections not stripped?", CALL_SITES.section))
    })?;
    let content = section.data().map_err(|error| Fault::of(path, format!("is damaged: {error}")))?;
    let image = Image { elf: &elf, relocated: relocated(&elf) };
    if content.len() % CALL_SITES.size != 0 {
        return Err(Fault::of(
            path,
            "has call sites of another version of tachograph; use the tool of that version",
        ));
    }
    let sites = content.chunks_exact(CALL_SITES.size).enumerate();
    let read = |(at, site): (usize, &[u8])| {
        let address = section.address() + (at * CALL_SITES.size) as u64;
        image
            .function(address, site)
            .ok_or_else(|| Fault::of(path, format!("has a call site that cannot be read, the {}th", at + 1)))
    };
    let functions = sites.map(read).collect::<Result<Vec<_>, _>>()?;
    if functions.is_empty() {
        return Err(Fault::of(path, "has no call sites: none of its functions is annotated with `#[timed]`"));
    }
    Ok(functions)
}

/// The pointers that the loader will set, by where they stand. Only those of a program that can lie anywhere need it.
fn relocated(elf: &Elf<'_>) -> HashMap<u64, u64> {
    let mut relocated = HashMap::new();
    for (address, relocation) in elf.dynamic_relocations().into_iter().flatten() {
        let base = match relocation.target() {
            RelocationTarget::Symbol(index) => {
                elf.symbol_by_index(index).map(|symbol| symbol.address()).unwrap_or_default()
            }
            _ => 0,
        };
        relocated.insert(address, base.wrapping_add_signed(relocation.addend()));
    }
    relocated
}

struct Image<'a> {
    elf: &'a Elf<'a>,
    relocated: HashMap<u64, u64>,
}

impl Image<'_> {
    fn function(&self, address: u64, site: &[u8]) -> Option<Function> {
        let SiteLayout { labels: at, slow, .. } = CALL_SITES;
        let length = usize::try_from(number(site, at + 8)?).ok()?;
        let text = self.bytes(self.pointer(address, site, at)?, length)?;
        let function = labels::function(std::str::from_utf8(text).ok()?)?;
        let slow = CALL_SITES.slow_of(number(site, slow)?);
        Some(Function { slow, largest_bound: self.largest_bound(address, site), ..function })
    }

    /// The last of the bounds that a function has of its own, in nanoseconds.
    fn largest_bound(&self, address: u64, site: &[u8]) -> Option<u64> {
        let at = CALL_SITES.buckets;
        let start = self.pointer(address, site, at).filter(|start| *start != 0)?;
        let count = number(site, at + 8)?.checked_sub(1)?;
        number(self.bytes(start + count * 8, 8)?, 0)
    }

    /// What the loader makes of a pointer, else what stands there.
    fn pointer(&self, address: u64, site: &[u8], at: usize) -> Option<u64> {
        self.relocated.get(&(address + at as u64)).copied().or_else(|| number(site, at))
    }

    /// What the program will have at an address.
    fn bytes(&self, address: u64, length: usize) -> Option<&[u8]> {
        let length = length as u64;
        self.elf.segments().find_map(|segment| segment.data_range(address, length).ok().flatten())
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
