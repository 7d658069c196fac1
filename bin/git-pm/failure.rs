//! How a run of the program ends: with an error on the screen, or a reader that closed the pipe.

use git_pm::Error;

/// The exit code of a run that printed its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(u8);

impl Exit {
    /// Everything was done.
    pub const DONE: Exit = Exit(0);

    /// The exit code of a kind of error, for commands that also print an answer.
    pub fn of(kind: git_pm::error::Kind) -> Exit {
        Exit(kind.exit_code())
    }

    /// The exit code of a kind of error if a check failed, else [`Exit::DONE`].
    pub fn of_if(failed: bool, kind: git_pm::error::Kind) -> Exit {
        if failed { Exit::of(kind) } else { Exit::DONE }
    }

    /// An exit code of another git pm.
    pub fn with(code: u8) -> Exit {
        Exit(code)
    }

    /// The code as a number.
    pub fn code(self) -> u8 {
        self.0
    }
}

/// The reason why a run ended without an answer.
#[derive(Debug)]
pub enum Failure {
    /// An error to print.
    Error(Error),
    /// The reader of standard output closed the pipe, which is not an error.
    ClosedPipe,
}

/// The result of a command.
pub type Outcome = Result<Exit, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Failure::ClosedPipe
        } else {
            Failure::Error(Error::io("cannot write the output", error))
        }
    }
}
