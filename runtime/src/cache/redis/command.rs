//! Commands as labels.

use redis::{Arg, Cmd};

/// Those of Redis 8 and of the modules that are part of it, in the order of their bytes.
const NAMES: &str = "\
    ACL APPEND ASKING AUTH BF.ADD BF.CARD BF.EXISTS BF.INFO BF.INSERT BF.LOADCHUNK BF.MADD BF.MEXISTS \
    BF.RESERVE BF.SCANDUMP BGREWRITEAOF BGSAVE BITCOUNT BITFIELD BITFIELD_RO BITOP BITPOS BLMOVE BLMPOP \
    BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT CLUSTER COMMAND CONFIG COPY DBSIZE DEBUG DECR \
    DECRBY DEL DELEX DIGEST DISCARD DUMP ECHO EVAL EVALSHA EVALSHA_RO EVAL_RO EXEC EXISTS EXPIRE \
    EXPIREAT EXPIRETIME FAILOVER FCALL FCALL_RO FLUSHALL FLUSHDB FT.AGGREGATE FT.CREATE FT.EXPLAIN \
    FT.EXPLAINCLI FT.INFO FT.PROFILE FT.SEARCH FUNCTION GEOADD GEODIST GEOHASH GEOPOS GEORADIUS \
    GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL GETEX \
    GETRANGE GETSET HDEL HELLO HEXISTS HEXPIRE HEXPIREAT HEXPIRETIME HGET HGETALL HGETDEL HGETEX HINCRBY \
    HINCRBYFLOAT HKEYS HLEN HMGET HMSET HOTKEYS HPERSIST HPEXPIRE HPEXPIREAT HPEXPIRETIME HPTTL \
    HRANDFIELD HSCAN HSET HSETEX HSETNX HSTRLEN HTTL HVALS INCR INCRBY INCRBYFLOAT INCREX INFO \
    JSON.ARRAPPEND JSON.ARRINDEX JSON.ARRINSERT JSON.ARRLEN JSON.ARRPOP JSON.ARRTRIM JSON.CLEAR \
    JSON.DEBUG JSON.DEL JSON.GET JSON.MGET JSON.MSET JSON.NUMINCRBY JSON.OBJKEYS JSON.OBJLEN JSON.RESP \
    JSON.SET JSON.STRAPPEND JSON.STRLEN JSON.TOGGLE JSON.TYPE KEYS LASTSAVE LATENCY LCS LINDEX LINSERT \
    LLEN LMOVE LMPOP LOLWUT LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MEMORY MGET MIGRATE MODULE \
    MONITOR MOVE MSET MSETEX MSETNX MULTI OBJECT PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PFCOUNT \
    PFDEBUG PFMERGE PFSELFTEST PING PSETEX PSUBSCRIBE PSYNC PTTL PUBLISH PUBSUB PUNSUBSCRIBE QUIT \
    RANDOMKEY READONLY READWRITE RENAME RENAMENX REPLCONF REPLICAOF RESET RESTORE RESTORE-ASKING ROLE \
    RPOP RPOPLPUSH RPUSH RPUSHX SADD SAVE SCAN SCARD SCRIPT SDIFF SDIFFSTORE SELECT SENTINEL SET SETBIT \
    SETEX SETNX SETRANGE SHUTDOWN SINTER SINTERCARD SINTERSTORE SISMEMBER SLAVEOF SLOWLOG SMEMBERS \
    SMISMEMBER SMOVE SORT SORT_RO SPOP SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE \
    SUBSTR SUNION SUNIONSTORE SUNSUBSCRIBE SWAPDB SYNC TIME TOUCH TTL TYPE UNLINK UNSUBSCRIBE UNWATCH \
    VADD VCARD VDIM VEMB VGETATTR VINFO VLINKS VRANDMEMBER VREM VSETATTR VSIM WAIT WAITAOF WATCH XACK \
    XACKDEL XADD XAUTOCLAIM XCFGSET XCLAIM XDEL XDELEX XGROUP XINFO XLEN XNACK XPENDING XRANGE XREAD \
    XREADGROUP XREVRANGE XSETID XTRIM ZADD ZCARD ZCOUNT ZDIFF ZDIFFSTORE ZINCRBY ZINTER ZINTERCARD \
    ZINTERSTORE ZLEXCOUNT ZMPOP ZMSCORE ZPOPMAX ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE \
    ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX \
    ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE";

const COUNT: usize = count(NAMES);
const KNOWN: [&str; COUNT] = split(NAMES);

/// Which command was sent, or that there were several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Command(usize);

impl Command {
    /// Several, which the server does not take for one.
    pub(super) const PIPELINE: Self = Self(COUNT);
    /// A program may send any, and those of modules that nobody knows.
    pub(super) const OTHER: Self = Self(COUNT + 1);
    /// How many there are.
    pub(super) const ALL: usize = COUNT + 2;

    /// Several at once.
    pub(super) fn of_several(is_transaction: bool) -> Self {
        if is_transaction { Self::named(b"MULTI") } else { Self::PIPELINE }
    }

    pub(super) fn of(command: &Cmd) -> Self {
        match command.args_iter().next() {
            Some(Arg::Simple(name)) => Self::named(name),
            _ => Self::OTHER,
        }
    }

    /// By its name, which Redis reads in either case.
    pub(super) fn named(name: &[u8]) -> Self {
        let found =
            KNOWN.binary_search_by(|known| known.bytes().cmp(name.iter().map(u8::to_ascii_uppercase)));
        found.map_or(Self::OTHER, Self)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PIPELINE => "PIPELINE",
            Self(index) => KNOWN.get(index).copied().unwrap_or("_OTHER"),
        }
    }

    /// Its place among all.
    pub(super) const fn index(self) -> usize {
        self.0
    }
}

const fn count(words: &str) -> usize {
    let (words, mut count, mut index) = (words.as_bytes(), 1, 0);
    while index < words.len() {
        count += (words[index] == b' ') as usize;
        index += 1;
    }
    count
}

const fn split<const N: usize>(words: &'static str) -> [&'static str; N] {
    let mut found = [""; N];
    let (mut rest, mut index) = (words, 0);
    while index < N {
        let mut length = 0;
        while length < rest.len() && rest.as_bytes()[length] != b' ' {
            length += 1;
        }
        let (word, behind) = rest.split_at(length);
        (found[index], rest) = (word, if behind.is_empty() { behind } else { behind.split_at(1).1 });
        index += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_found_by_their_names_in_either_case() {
        assert!(KNOWN.is_sorted());
        for (index, name) in KNOWN.iter().enumerate() {
            assert_eq!(Command::named(name.as_bytes()), Command(index), "{name}");
            assert_eq!(Command::named(name.to_ascii_lowercase().as_bytes()).name(), *name);
        }
    }

    #[test]
    fn what_nobody_knows_has_the_name_of_all_such() {
        let too_long = [b'X'; 5_000];
        for name in [&b""[..], b"GETS", b"GET key", b"\xff", b"PIPELINE", b"_OTHER", &too_long] {
            assert_eq!(Command::named(name), Command::OTHER);
        }
        assert_eq!((Command::OTHER.name(), Command::PIPELINE.name()), ("_OTHER", "PIPELINE"));
        assert_eq!(Command::of(&Cmd::new()), Command::OTHER);
        assert_eq!(Command::of(redis::cmd("hGet").arg("user:17")).name(), "HGET");
    }
}
