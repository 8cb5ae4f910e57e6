//! What it takes to make the contract's record by hand: the text into a buffer of the thread, and that to the file when
//! it is full. No subscriber, no span, no other thread.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Contender, Running};
use crate::event::{Fields, MESSAGE, REQUEST_ID, ROUTE};

pub(crate) const FLOOR: Contender = Contender {
    name: "floor",
    written: "the record by hand into a buffer of 64 KiB, and `write(2)`",
    packages: &["itoa", "zmij"],
    environment: &[],
    start: |directory| {
        let file = OpenOptions::new().create(true).append(true).open(directory.join("app.log"))?;
        FILE.set(file).map_err(|_| "started twice")?;
        // Each request leaves its thread's buffer empty.
        Ok(Running::that_flushes(|| {}))
    },
    request: |body| {
        CONTEXT.set(Some((REQUEST_ID, ROUTE)));
        body();
        CONTEXT.set(None);
        BUFFER.with_borrow_mut(write);
    },
    event: |number| BUFFER.with_borrow_mut(|out| event(out, &Fields::of(number))),
};

const BUFFER_BYTES: usize = 64 * 1024;

static FILE: OnceLock<File> = OnceLock::new();

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(BUFFER_BYTES));
    static CONTEXT: Cell<Option<(&'static str, &'static str)>> = const { Cell::new(None) };
    static SECOND: Cell<(u64, [u8; 19])> = const { Cell::new((u64::MAX, [0; 19])) };
}

fn event(out: &mut Vec<u8>, fields: &Fields) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    out.extend_from_slice(br#"{"timestamp":""#);
    out.extend_from_slice(&second(now.as_secs()));
    out.extend_from_slice(&micros(now.subsec_micros()));
    out.extend_from_slice(br#"","level":"INFO","logger":"logging::contender::floor","message":""#);
    escape(out, MESSAGE);
    out.extend_from_slice(br#"","module":"logging::contender::floor","line":"#);
    out.extend_from_slice(itoa::Buffer::new().format(line!()).as_bytes());
    let context = CONTEXT.get();
    if let Some((request_id, _)) = context {
        out.extend_from_slice(br#","request_id":""#);
        out.extend_from_slice(request_id.as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(br#","extra":{"number":"#);
    out.extend_from_slice(itoa::Buffer::new().format(fields.number).as_bytes());
    out.extend_from_slice(br#","path":""#);
    escape(out, fields.path);
    out.extend_from_slice(br#"","bytes":"#);
    out.extend_from_slice(itoa::Buffer::new().format(fields.bytes).as_bytes());
    out.extend_from_slice(br#","elapsed_ms":"#);
    out.extend_from_slice(zmij::Buffer::new().format(fields.elapsed_ms).as_bytes());
    out.extend_from_slice(if fields.cached { br#","cached":true"# } else { br#","cached":false"# });
    if let Some((_, route)) = context {
        out.extend_from_slice(br#","route":""#);
        out.extend_from_slice(route.as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(b"}}\n");
    if out.len() > BUFFER_BYTES - 1024 {
        write(out);
    }
}

fn write(out: &mut Vec<u8>) {
    let mut file = FILE.get().expect("started before");
    file.write_all(out).expect("the disk has room");
    out.clear();
}

/// The text up to the second, kept until the next one.
fn second(seconds: u64) -> [u8; 19] {
    let (known, text) = SECOND.get();
    if known == seconds {
        return text;
    }
    let mut out = [0_u8; 20];
    let time = seconds as libc::time_t;
    // SAFETY: `tm` is plain old data, both pointers are to this frame, and the buffer's length is its own.
    unsafe {
        let mut parts: libc::tm = std::mem::zeroed();
        libc::gmtime_r(&raw const time, &raw mut parts);
        libc::strftime(out.as_mut_ptr().cast(), out.len(), c"%Y-%m-%dT%H:%M:%S".as_ptr(), &raw const parts);
    }
    let text = *out.first_chunk().expect("it is longer");
    SECOND.set((seconds, text));
    text
}

fn micros(mut micros: u32) -> [u8; 8] {
    let mut text = *b".000000Z";
    for digit in text[1..7].iter_mut().rev() {
        *digit = b'0' + (micros % 10) as u8;
        micros /= 10;
    }
    text
}

/// What JSON demands, and no more.
fn escape(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if !bytes.iter().fold(false, |special, byte| special | is_special(*byte)) {
        return out.extend_from_slice(bytes);
    }
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => write!(out, "\\u{byte:04x}").expect("a vector takes everything"),
            _ => out.push(byte),
        }
    }
}

const fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}
