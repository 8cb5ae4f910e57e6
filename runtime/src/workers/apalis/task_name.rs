//! What the jobs of a worker are called.

use std::any::type_name;

/// Says what a job is called, as one of a few names.
pub trait TaskName<Args> {
    /// The name of the job with these arguments.
    fn task_name<'a>(&'a self, args: &'a Args) -> &'a str;
}

/// By the type of the arguments, without its path and its parameters.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByType;

impl<Args> TaskName<Args> for ByType {
    fn task_name<'a>(&'a self, _: &'a Args) -> &'a str {
        let name = type_name::<Args>();
        let name = name.split('<').next().unwrap_or(name);
        name.rsplit("::").next().unwrap_or(name)
    }
}

/// All alike.
#[derive(Clone, Copy, Debug)]
pub struct Named(pub(super) &'static str);

impl<Args> TaskName<Args> for Named {
    fn task_name<'a>(&'a self, _: &'a Args) -> &'a str {
        self.0
    }
}

/// By the arguments themselves.
#[derive(Clone, Copy, Debug)]
pub struct ByArgs<F>(pub(super) F);

impl<Args, F: Fn(&Args) -> &'static str> TaskName<Args> for ByArgs<F> {
    fn task_name<'a>(&'a self, args: &'a Args) -> &'a str {
        (self.0)(args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_called_by_its_last_name() {
        assert_eq!(ByType.task_name(&7u32), "u32");
        assert_eq!(ByType.task_name(&ByArgs(std::cell::Cell::new(7))), "ByArgs");
    }
}
