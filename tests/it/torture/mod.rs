//! Log files under torture, by real processes on a real file system. What is lost, torn or doubled then is nothing, but where
//! the test says otherwise, as the documentation does.

mod damage;
mod victim;
mod ends;
mod full_disk;
mod moved_files;
mod processes;
mod standard_error;
