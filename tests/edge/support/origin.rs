//! A server on loopback that writes down every request and misbehaves on demand.

use super::http::{self, Reply, Request};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What an [`Origin`] answers when nothing is scripted.
pub(crate) type Answer = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

/// One request of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Instant,
    pub(crate) request: Request,
}

/// How a reply goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Not at all; for "the first is fine, the second fails".
    Fine,
    /// The usual reply, this late.
    Late(Duration),
    /// No byte of a reply, ever.
    Silence,
    /// The connection is reset before a byte of the reply.
    Reset,
    /// The usual reply, so many bytes at a time.
    Drip { bytes: usize, every: Duration },
    /// The usual head, but the connection ends after so many bytes of the body.
    Cut { after: usize },
    /// An HTML page of so many bytes.
    Huge { bytes: usize },
    /// Another reply.
    Instead(Reply),
}

/// The server. Ends, with all its connections, when dropped.
pub(crate) struct Origin {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

impl Origin {
    /// Listens on `127.0.0.<host>`, or on `127.0.0.1` where the system has no other loopback address.
    pub(crate) fn start(host: u8, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, host), 0))
            .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .expect("a loopback port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared =
            Arc::new(Shared { answer: Box::new(answer), state: Mutex::default(), changed: Condvar::new() });
        let accepting = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.accept(&listener))
        };
        Self { address, shared, accepting: Some(accepting) }
    }

    /// `127.0.0.2:40123`, as `ALLOW_PRIVATE_HOSTS` wants it.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The absolute URL of a path, which begins with `/`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything on this path goes wrong like this from now on.
    pub(crate) fn always(&self, path: &str, fault: Fault) {
        self.shared.lock().faults.insert(path.into(), Script { first: VecDeque::new(), then: fault });
    }

    /// The next requests on this path go wrong like this, one after the other; later ones are answered as usual.
    pub(crate) fn first(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        let script = Script { first: faults.into_iter().collect(), then: Fault::Fine };
        self.shared.lock().faults.insert(path.into(), script);
    }

    /// Every usual reply is this late from now on.
    pub(crate) fn latency(&self, latency: Duration) {
        self.shared.lock().latency = latency;
    }

    /// All requests so far, in order of arrival.
    pub(crate) fn ledger(&self) -> Vec<Entry> {
        self.shared.lock().ledger.clone()
    }

    pub(crate) fn clear_ledger(&self) {
        self.shared.lock().ledger.clear();
    }

    /// Waits until that many requests have arrived; false when `patience` runs out first.
    pub(crate) fn await_requests(&self, count: usize, patience: Duration) -> bool {
        self.await_ledger(patience, |ledger| ledger.len() >= count)
    }

    /// Waits until a request has arrived whose body holds these words; false when `patience` runs out first.
    pub(crate) fn await_text(&self, words: &str, patience: Duration) -> bool {
        let holds = |entry: &Entry| String::from_utf8_lossy(&entry.request.body).contains(words);
        self.await_ledger(patience, |ledger| ledger.iter().any(holds))
    }

    fn await_ledger(&self, patience: Duration, reached: impl Fn(&[Entry]) -> bool) -> bool {
        let waiting = |state: &mut State| !reached(&state.ledger);
        let (state, _) =
            self.shared.changed.wait_timeout_while(self.shared.lock(), patience, waiting).expect(UNPOISONED);
        reached(&state.ledger)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.closing = true;
            for stream in state.open.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
        // `accept` only looks up when somebody comes.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

const UNPOISONED: &str = "no connection panics while it holds the lock";

struct Shared {
    answer: Answer,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ledger: Vec<Entry>,
    faults: BTreeMap<String, Script>,
    latency: Duration,
    /// Live connections, by the order in which they came.
    open: BTreeMap<u64, TcpStream>,
    closing: bool,
}

struct Script {
    first: VecDeque<Fault>,
    then: Fault,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(UNPOISONED)
    }

    fn accept(&self, listener: &TcpListener) {
        std::thread::scope(|scope| {
            for (number, stream) in (0..).zip(listener.incoming()) {
                let Ok(stream) = stream else { continue };
                {
                    let mut state = self.lock();
                    if state.closing {
                        return;
                    }
                    if let Ok(copy) = stream.try_clone() {
                        state.open.insert(number, copy);
                    }
                }
                scope.spawn(move || {
                    // A client that goes away is none of this server's business.
                    let _ = self.converse(stream);
                    self.lock().open.remove(&number);
                });
            }
        });
    }

    fn converse(&self, mut stream: TcpStream) -> io::Result<()> {
        let (mut request, head_bytes) = http::peek_head(&stream)?;
        let fault = self.fault(&request.path);
        if matches!(fault, Fault::Reset) {
            self.record(request);
            return Ok(());
        }
        http::read_body(&mut stream, &mut request, head_bytes)?;
        self.record(request.clone());
        let usual = || (self.answer)(&request);
        match fault {
            Fault::Reset => Ok(()),
            Fault::Fine => {
                let latency = self.lock().latency;
                self.pause(latency);
                usual().write(&mut stream)
            }
            Fault::Late(delay) => {
                self.pause(delay);
                usual().write(&mut stream)
            }
            Fault::Silence => {
                self.pause(Duration::MAX);
                Ok(())
            }
            Fault::Drip { bytes, every } => {
                let reply = usual();
                stream.write_all(reply.head(reply.body.len()).as_bytes())?;
                for piece in reply.body.chunks(bytes.max(1)) {
                    stream.write_all(piece)?;
                    self.pause(every);
                }
                Ok(())
            }
            Fault::Cut { after } => {
                let reply = usual();
                stream.write_all(reply.head(reply.body.len()).as_bytes())?;
                stream.write_all(&reply.body[..after.min(reply.body.len())])
            }
            Fault::Huge { bytes } => {
                let piece = "<p>Filler without end, of no use to anybody.</p>\n".repeat(1024);
                stream.write_all(Reply::html("").head(bytes).as_bytes())?;
                let mut left = bytes;
                while left > 0 {
                    let take = left.min(piece.len());
                    stream.write_all(&piece.as_bytes()[..take])?;
                    left -= take;
                }
                Ok(())
            }
            Fault::Instead(reply) => reply.write(&mut stream),
        }
    }

    fn fault(&self, path: &str) -> Fault {
        let mut state = self.lock();
        let Some(script) = state.faults.get_mut(path) else { return Fault::Fine };
        script.first.pop_front().unwrap_or_else(|| script.then.clone())
    }

    fn record(&self, request: Request) {
        self.lock().ledger.push(Entry { at: Instant::now(), request });
        self.changed.notify_all();
    }

    /// Waits, but not beyond the end of the server.
    fn pause(&self, length: Duration) {
        if length.is_zero() {
            return;
        }
        let state = self.lock();
        if length == Duration::MAX {
            drop(self.changed.wait_while(state, |state| !state.closing));
        } else {
            drop(self.changed.wait_timeout_while(state, length, |state| !state.closing));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn ask(origin: &Origin, path: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(origin.address)?;
        stream.write_all(format!("GET {path}?q=1 HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes())?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply)
    }

    fn origin() -> Origin {
        Origin::start(9, |request| Reply::html(format!("usual {}", request.path)))
    }

    #[test]
    fn a_script_runs_out_and_the_usual_reply_comes_back() {
        let origin = origin();
        origin.first("/a", [Fault::Instead(Reply::status(503)), Fault::Fine, Fault::Reset]);
        assert!(ask(&origin, "/a").unwrap().starts_with("HTTP/1.1 503"));
        assert!(ask(&origin, "/a").unwrap().ends_with("usual /a"));
        assert_eq!(ask(&origin, "/a").unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert!(ask(&origin, "/a").unwrap().ends_with("usual /a"));
        assert_eq!(origin.ledger().len(), 4);
        assert_eq!(origin.ledger()[0].request.parameter("q").as_deref(), Some("1"));
    }

    #[test]
    fn a_cut_reply_promises_more_than_it_sends() {
        let origin = origin();
        origin.always("/a", Fault::Cut { after: 3 });
        let reply = ask(&origin, "/a").unwrap();
        assert!(reply.contains("content-length: 8\r\n") && reply.ends_with("\r\n\r\nusu"), "{reply}");
    }

    #[test]
    fn a_silent_server_ends_when_it_is_dropped() {
        let origin = origin();
        origin.always("/a", Fault::Silence);
        let address = origin.address;
        let asking = std::thread::spawn(move || {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(b"GET /a HTTP/1.1\r\n\r\n")?;
            stream.read_to_end(&mut Vec::new())
        });
        assert!(origin.await_requests(1, PATIENCE));
        drop(origin);
        assert_eq!(asking.join().unwrap().unwrap_or(0), 0);
        assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    }
}
