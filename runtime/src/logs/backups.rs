//! The names of a log file's backups, and which renames make room for another one. Pure: touches no disk.
//!
//! ```text
//! app.log ─► app.log.1 ─► app.log.2 ─► … ─► app.log.10 ─► app.log.oldest, which goes once the others have moved
//!                └─► app.log.compressing ─► app.log.1.gz ─► app.log.2.gz ─► …
//! ```
//!
//! A name is known as a whole, never by how it begins: `app` has nothing to do with `app-error.log` or `app.log.old`.

use std::path::{Path, PathBuf};

/// The backups of one log file.
#[derive(Clone, Debug)]
pub(super) struct Backups {
    current: PathBuf,
    /// How many are kept besides the current file.
    count: u32,
    /// They are compressed, once there is time for it. Otherwise, what ends in `.gz` is somebody else's.
    pub(super) are_compressed: bool,
}

/// What a file is to its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Current,
    /// The backup of this number; 1 is the newest.
    Backup(u32),
    /// The same, compressed.
    Compressed(u32),
    /// Bound to vanish.
    Transient,
}

/// In which form a backup stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Compressed,
}

/// A rename: from, to.
pub(super) type Move = (PathBuf, PathBuf);

impl Backups {
    pub(super) const fn new(current: PathBuf, count: u32, are_compressed: bool) -> Self {
        Self { current, count, are_compressed }
    }

    pub(super) fn current(&self) -> &Path {
        &self.current
    }

    pub(super) fn dir(&self) -> &Path {
        // A file in the working directory has an empty parent, which no system call takes.
        self.current.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// The path of the backup of this number.
    pub(super) fn at(&self, number: u32, form: Form) -> PathBuf {
        self.named(&number.to_string(), form)
    }

    /// The forms that backups of this log can have.
    pub(super) const fn forms(&self) -> &'static [Form] {
        if self.are_compressed { &[Form::Plain, Form::Compressed] } else { &[Form::Plain] }
    }

    /// Where a backup is compressed before it has a name.
    pub(super) fn compressing(&self) -> PathBuf {
        self.named("compressing", Form::Plain)
    }

    /// Where the oldest backup waits until a rotation is certain.
    pub(super) fn aside(&self, form: Form) -> PathBuf {
        self.named("oldest", form)
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// What a file of this name is.
    pub(super) fn role(&self, name: &str) -> Option<Role> {
        let rest = name.strip_prefix(self.current.file_name()?.to_str()?)?;
        if rest.is_empty() {
            return Some(Role::Current);
        }
        let rest = rest.strip_prefix('.')?;
        match rest {
            "compressing" | "oldest" => return Some(Role::Transient),
            "oldest.gz" if self.are_compressed => return Some(Role::Transient),
            _ => {}
        }
        let (number, role): (_, fn(u32) -> Role) = match rest.strip_suffix(".gz") {
            Some(number) if self.are_compressed => (number, Role::Compressed),
            Some(_) => return None,
            None => (rest, Role::Backup),
        };
        // As it is written here: neither `01` nor `+1`.
        let is_plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
        let number = number.parse().ok().filter(|number| is_plain && *number <= self.count)?;
        Some(role(number))
    }

    /// The renames that free the path of the current file, in order, the last being the current file's own. None of
    /// them replaces anything.
    ///
    /// Only what stands in the way moves: where a backup is missing, the older ones stay where they are. So a
    /// rotation that failed halfway and is tried again does not push the oldest backups out.
    pub(super) fn moves<E>(
        &self,
        mut standing: impl FnMut(u32) -> Result<Option<Form>, E>,
    ) -> Result<Vec<Move>, E> {
        let mut moves = vec![(self.current.clone(), self.at(1, Form::Plain))];
        for number in 1..=self.count {
            let Some(form) = standing(number)? else { break };
            let next = if number == self.count { self.aside(form) } else { self.at(number + 1, form) };
            moves.push((self.at(number, form), next));
        }
        moves.reverse();
        Ok(moves)
    }

    fn named(&self, ending: &str, form: Form) -> PathBuf {
        let mut name = self.current.as_os_str().to_owned();
        name.push(".");
        name.push(ending);
        if form == Form::Compressed {
            name.push(".gz");
        }
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backups(are_compressed: bool) -> Backups {
        Backups::new("app.log".into(), 3, are_compressed)
    }

    #[track_caller]
    fn check(are_compressed: bool, existing: &[&str], expected: &[(&str, &str)]) {
        let backups = backups(are_compressed);
        let stands = |number, form| existing.iter().any(|known| backups.at(number, form) == Path::new(known));
        let standing =
            |number| Ok::<_, ()>(backups.forms().iter().copied().find(|form| stands(number, *form)));
        let text = |path: PathBuf| path.display().to_string();
        let moves = backups.moves(standing).unwrap();
        let moves: Vec<_> = moves.into_iter().map(|(from, to)| (text(from), text(to))).collect();
        let expected: Vec<_> = expected.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
        assert_eq!(moves, expected);
    }

    #[test]
    fn backups_move_up_and_the_oldest_steps_aside() {
        let two = [("app.log.2", "app.log.3"), ("app.log.1", "app.log.2"), ("app.log", "app.log.1")];
        check(false, &["app.log.1", "app.log.2"], &two);
        let aside = [("app.log.3", "app.log.oldest")];
        check(false, &["app.log.1", "app.log.2", "app.log.3"], &[&aside[..], &two].concat());
        check(false, &[], &[("app.log", "app.log.1")]);
    }

    #[test]
    fn only_what_stands_in_the_way_moves() {
        let expected = [("app.log.1", "app.log.2"), ("app.log", "app.log.1")];
        check(false, &["app.log.1", "app.log.3", "app.log.10", "app.log.1.gz", "app.log.2.gz"], &expected);
    }

    #[test]
    fn compressed_backups_move_like_others() {
        let expected = [
            ("app.log.3.gz", "app.log.oldest.gz"),
            ("app.log.2", "app.log.3"),
            ("app.log.1.gz", "app.log.2.gz"),
            ("app.log", "app.log.1"),
        ];
        check(true, &["app.log.1.gz", "app.log.2", "app.log.3.gz"], &expected);
    }

    #[test]
    fn a_name_is_known_only_as_a_whole() {
        let role = |name| backups(true).role(name);
        assert_eq!(role("app.log"), Some(Role::Current));
        assert_eq!(
            (role("app.log.1"), role("app.log.3.gz")),
            (Some(Role::Backup(1)), Some(Role::Compressed(3)))
        );
        assert_eq!(
            (role("app.log.compressing"), role("app.log.oldest")),
            (Some(Role::Transient), Some(Role::Transient))
        );
        for name in [
            "app.log.",
            "app.log.0",
            "app.log.4",
            "app.log.01",
            "app.log.+1",
            "app.log.1.gz.gz",
            "app.log.gz",
            "app.log.1.zst",
            "app.log-1",
            "app.logs.1",
            "app-error.log.1",
            "my-app.log.1",
            "app.log.1.1",
            "app.log.99999999999",
        ] {
            assert_eq!(role(name), None, "{name}");
        }
        assert_eq!(backups(false).role("app.log.1.gz"), None, "somebody else's");
    }
}
