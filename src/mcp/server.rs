//! The server: it answers the client's requests with the tools, resources and prompts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorData,
    GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer, ServerInitializeError};
use rmcp::{ServerHandler, ServiceExt};
use tokio::io::{AsyncRead, AsyncWrite};

use super::escape;
use super::offered_tools;
use super::session::{Place, Session};
use super::tool::{Tool, failure};
use super::transport::Lines;
use super::{invalid_params, limits, prompts, resources};
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::text;
use crate::pm::{Options, Pm};
use crate::store::env::Env;
use crate::verbs::ToolGroup;

/// The instructions about the server for the context of the client's model.
const INSTRUCTIONS: &str = "Tasks, claims and file reservations in this git repository. Call \
                            prime first, then start (or next with claim); work and commit in the worktree that it returns; \
                            then call finish. An error has a stable `reason` and `hints`.";

/// The options of a server.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// The actor for all requests; otherwise the environment's, that of the worktree's claim, or
    /// the name of the client.
    pub actor: Option<String>,
    /// Never use the network.
    pub offline: bool,
    /// The groups of tools to offer in addition to those that are always offered.
    pub groups: Vec<ToolGroup>,
    /// Answer with the data of the results as JSON, for programs, instead of text for a model.
    pub json: bool,
}

/// Serves one client until the input ends. Requests in progress are completed, unless that takes
/// longer than ten seconds: the caller has to end the process then, and with it their threads.
///
/// # Errors
/// If the client does not start with a valid handshake, the actor's name is invalid, or requests in
/// progress were not completed.
pub fn serve<R, W>(env: Env, options: &ServeOptions, input: R, output: W) -> Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(limits::THREADS_MAX)
        .build()
        .map_err(|error| Error::io("cannot start the server", error))?;
    let server = Server::new(env, options)?;
    let running = server.running.clone();
    let served = runtime.block_on(async {
        match server.serve(Lines::new(input, output)).await {
            Ok(service) => {
                // An error here is a lost connection, after which nothing can be answered.
                let _ = service.waiting().await;
                Ok(())
            }
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(_) => Err(Error::usage(
                "the first message of the MCP client was not an `initialize` request",
            )
            .because(Reason::McpHandshake)),
        }
    });
    let open = running.wait(limits::SHUTDOWN_TIME_MAX);
    // Standard input may still be open, with a thread blocked on it.
    runtime.shutdown_background();
    served?;
    match open {
        0 => Ok(()),
        open => Err(Error::state(format!(
            "the input ended before the requests in progress did ({open} left)"
        ))
        .because(Reason::McpUnfinished)
        .hint(Hint::run(["log"], "shows what was completed"))),
    }
}

/// The folder of a repository that is not removed with a task: its main worktree, or the git
/// directory of a bare repository.
fn main_folder(common_dir: &Path) -> PathBuf {
    match (common_dir.file_name(), common_dir.parent()) {
        (Some(name), Some(above)) if name == ".git" => above.to_path_buf(),
        _ => common_dir.to_path_buf(),
    }
}

/// The number of requests in progress.
#[derive(Default)]
struct Running {
    count: Mutex<usize>,
    fewer: Condvar,
}

impl Running {
    fn change(&self, by: isize) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = count.saturating_add_signed(by);
        self.fewer.notify_all();
    }

    /// Waits until there is none, or the time is over; returns how many are left.
    fn wait(&self, most: Duration) -> usize {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.fewer.wait_timeout_while(count, most, |open| *open > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Counts a request for as long as it lives.
struct Counted(Arc<Running>);

impl Counted {
    fn new(running: &Arc<Running>) -> Counted {
        running.change(1);
        Counted(running.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.change(-1);
    }
}

struct Server {
    place: Place,
    tools: Arc<Vec<Tool>>,
    running: Arc<Running>,
}

impl Server {
    fn new(env: Env, options: &ServeOptions) -> Result<Server> {
        let mut place = Place {
            env,
            options: Options {
                actor: options.actor.clone(),
                offline: options.offline,
                ..Options::default()
            },
            main: None,
            refused: None,
            json: options.json,
        };
        // An invalid name is reported now; a missing repository is reported by each request, where
        // the client shows it.
        match Pm::open(place.env.clone(), place.options.clone()) {
            Ok(pm) => place.main = Some(main_folder(pm.store.repo().common_dir())),
            Err(error) if error.kind() == Kind::Usage => return Err(error),
            Err(_) => {}
        }
        Ok(Server {
            place,
            tools: Arc::new(offered_tools::of(&options.groups)),
            running: Arc::default(),
        })
    }

    /// Processes a request on another thread, because it opens the repository and waits for git.
    async fn work<T: Send + 'static>(
        &self,
        context: &RequestContext<RoleServer>,
        work: impl FnOnce(&Session) -> T + Send + 'static,
    ) -> std::result::Result<T, ErrorData> {
        let client = context.client_info().map(|client| client.name);
        let place = self.place.of_client(client.as_deref());
        let counted = Counted::new(&self.running);
        let done = tokio::task::spawn_blocking(move || {
            let _counted = counted;
            work(&Session::new(place))
        });
        // Fails only if a panic unwinds: release builds abort.
        done.await
            .map_err(|_| ErrorData::internal_error("the request failed unexpectedly", None))
    }
}

/// The error of a request that is not a tool call, with the stable code and hints as data.
fn refused(error: &Error) -> ErrorData {
    let data = failure(error, &[])["error"].take();
    let message = escape::text(error.message());
    match error.kind() {
        Kind::NotFound | Kind::Ambiguous => ErrorData::resource_not_found(message, Some(data)),
        Kind::Usage => ErrorData::invalid_params(message, Some(data)),
        _ => ErrorData::internal_error(message, Some(data)),
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_prompts()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("git-pm", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        page: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> std::result::Result<ListToolsResult, ErrorData> {
        first_page(page)?;
        let tools = self.tools.iter().map(Tool::listed).collect();
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> std::result::Result<CallToolResponse, ErrorData> {
        let Some(at) = self.tools.iter().position(|tool| tool.name == request.name) else {
            let name = text::excerpt(&request.name, 80);
            let more = match offered_tools::group_of(&request.name) {
                Some(group) => format!("; `git pm mcp --tools {}` offers it", group.as_str()),
                None => String::new(),
            };
            let message = format!("there is no tool `{name}`{more}");
            return Err(ErrorData::invalid_params(message, None));
        };
        let tools = self.tools.clone();
        let arguments = request.arguments.unwrap_or_default();
        let result = self
            .work(&context, move |session| tools[at].call(session, arguments))
            .await?;
        Ok(result.into())
    }

    async fn list_resources(
        &self,
        page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> std::result::Result<ListResourcesResult, ErrorData> {
        first_page(page)?;
        let listed = self.work(&context, resources::listed).await?;
        listed.map_err(|error| refused(&error))
    }

    async fn list_resource_templates(
        &self,
        page: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> std::result::Result<ListResourceTemplatesResult, ErrorData> {
        first_page(page)?;
        let templates = resources::templates();
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> std::result::Result<ReadResourceResponse, ErrorData> {
        let read = self
            .work(&context, move |session| {
                resources::read(session, &request.uri)
            })
            .await?;
        let contents = read.map_err(|error| refused(&error))?;
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn list_prompts(
        &self,
        page: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> std::result::Result<ListPromptsResult, ErrorData> {
        first_page(page)?;
        Ok(ListPromptsResult::with_all_items(prompts::listed()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> std::result::Result<GetPromptResponse, ErrorData> {
        let given = request.arguments.unwrap_or_default();
        let written = self
            .work(&context, move |session| {
                prompts::get(session, &request.name, &given)
            })
            .await?;
        let prompt = written.map_err(|error| match error.kind() {
            Kind::NotFound => ErrorData::invalid_params(
                escape::text(error.message()),
                Some(failure(&error, &[])["error"].take()),
            ),
            _ => refused(&error),
        })?;
        Ok(prompt.into())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> std::result::Result<CustomResult, ErrorData> {
        Err(invalid_params::refused(&request))
    }
}

/// Refuses a cursor: every list has one page, so no cursor was ever given out.
fn first_page(page: Option<PaginatedRequestParams>) -> std::result::Result<(), ErrorData> {
    match page.and_then(|page| page.cursor) {
        None => Ok(()),
        Some(_) => Err(ErrorData::invalid_params(
            "this cursor is unknown: the list has one page",
            None,
        )),
    }
}
