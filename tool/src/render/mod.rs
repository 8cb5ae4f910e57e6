//! `tachograph render`: the configuration of Alertmanager, from the template and the environment.
//!
//! Alertmanager takes a variable that nobody replaced for a text, and an undefined template for a matter of the first alert.
//! So everything is looked at before anything is written, and all that is wrong is said at once.

mod template;
mod variable;
mod messages;
mod routes;
mod written;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use self::messages::Messages;
use self::template::Template;
use self::variable::Variables;
use crate::fault::{Fault, Faults};
use crate::token::{self, Token};
use crate::yaml::Node;

/// Fills the template of Alertmanager's configuration from the environment, and refuses what would not arrive.
///
/// TELEGRAM_ALERT_CHAT_ID is the chat, TELEGRAM_BOT_TOKEN the bot's token, HEARTBEAT_URL whom the heartbeat is sent to. The
/// token is checked, but goes into no configuration: that names the file TELEGRAM_BOT_TOKEN_FILE.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The template.
    #[arg(default_value = "alerts/alertmanager/alertmanager.yml")]
    template: PathBuf,
    /// Write the configuration to this file, and the templates of its messages beside it; otherwise to standard output.
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Write the token into a file `telegram_bot_token` in this directory, for its owner alone.
    #[arg(long, value_name = "DIRECTORY")]
    secrets: Option<PathBuf>,
    /// Write nothing.
    #[arg(long, conflicts_with_all = ["output", "secrets"])]
    check: bool,
}

/// Renders, checks, and writes if nothing is wrong.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Faults> {
    let token_file = token_file(arguments)?;
    if let Some(output) = &arguments.output
        && output.canonicalize().is_ok_and(|output| Some(output) == arguments.template.canonicalize().ok())
    {
        return Err(Fault::of(output, "is the template itself; write to another file").into());
    }
    let rendered = Rendered::new(&arguments.template, &Variables::of_environment(&token_file))?;
    let token = rendered.token.as_str();
    if let Some(directory) = &arguments.secrets {
        written::secret(&directory.join("telegram_bot_token"), token)?;
    }
    match &arguments.output {
        Some(output) => rendered.write(output),
        None if arguments.check => Ok(()),
        None => {
            print!("{}", rendered.text);
            Ok(())
        }
    }
}

/// Where Alertmanager will find the token.
fn token_file(arguments: &Arguments) -> Result<PathBuf, Fault> {
    let Some(directory) = &arguments.secrets else {
        return Ok(token::set(token::FILE_VARIABLE).unwrap_or_else(|| token::FILE.to_owned()).into());
    };
    let directory = directory
        .canonicalize()
        .map_err(|error| Fault::of(directory, format!("cannot be used for secrets: {error}")))?;
    Ok(directory.join("telegram_bot_token"))
}

/// What is right, and may be written.
struct Rendered {
    text: String,
    messages: Messages,
    token: Token,
}

impl Rendered {
    fn new(path: &Path, variables: &Variables) -> Result<Self, Faults> {
        let text = fs::read_to_string(path)
            .map_err(|error| Fault::of(path, format!("cannot be read: {error}; is it the template?")))?;
        let template = Template::new(path, &text);
        let (text, mut faults) = template.rendered(variables);
        let token = variables.token().map_err(|fault| faults.push(fault)).ok();
        // What is wrong in the template makes no YAML, and is not to be told twice.
        let config = if faults.is_empty() { Some(Node::parse(&text, path)?) } else { template.parsed() };
        let mut messages = Messages::default();
        if let Some(config) = &config {
            messages = Messages::read(path, config, &mut faults);
            messages.check(path, &text, &mut faults);
            routes::check(path, config, &mut faults);
        }
        faults.sort();
        match token {
            Some(token) if faults.is_empty() => Ok(Self { text, messages, token }),
            _ => Err(Faults(faults)),
        }
    }

    /// Messages first: a configuration that is there is complete.
    fn write(&self, output: &Path) -> Result<(), Faults> {
        self.messages.write(output)?;
        written::file(output, &self.text)?;
        Ok(())
    }
}
