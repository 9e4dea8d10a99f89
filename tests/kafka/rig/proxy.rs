//! A stretch of network between clients and the broker that can be told to hold back or lose a request
//! of one kind: what no restart of a process can show. Start at [`Proxy::tell`].

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The number of a kind of request in Kafka's protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Request {
    Produce = 0,
    Fetch = 1,
    Heartbeat = 12,
    AddPartitionsToTxn = 24,
    EndTxn = 26,
    TxnOffsetCommit = 28,
}

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// It comes late, and everything behind it on its connection.
    Held(Duration),
    /// It never comes; the connection ends.
    Lost,
    /// It comes, and the answer is lost; the connection ends.
    AnswerLost,
}

/// What stands between the clients and the broker.
pub(crate) struct Proxy {
    orders: Arc<Mutex<Orders>>,
}

/// What is still to be done, and what was.
#[derive(Default)]
struct Orders {
    open: Vec<(Request, Fault)>,
    done: usize,
}

impl Proxy {
    /// Passes on what comes to a listener to a port of this machine.
    pub(crate) fn between(listener: TcpListener, port: u16) -> Proxy {
        let orders = Arc::new(Mutex::new(Orders::default()));
        let of_listener = Arc::clone(&orders);
        // It listens until the tests end: a broker that was killed comes back behind the same port.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(broker) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                pass_on(client, broker, &of_listener);
            }
        });
        Proxy { orders }
    }

    /// Lets something become of the next request of a kind that comes by.
    pub(crate) fn tell(&self, request: Request, fault: Fault) {
        let mut orders = self.orders.lock().expect("nobody panics with it");
        orders.open.push((request, fault));
    }

    /// How many requests something became of.
    pub(crate) fn done(&self) -> usize {
        self.orders.lock().expect("nobody panics with it").done
    }
}

/// Two threads a connection, one each way; when one side ends, so does the other.
fn pass_on(client: TcpStream, broker: TcpStream, orders: &Arc<Mutex<Orders>>) {
    let both = |one: &TcpStream| one.try_clone().expect("a socket can be had twice");
    let (mut from_broker, mut to_client) = (both(&broker), both(&client));
    thread::spawn(move || {
        let _ = io::copy(&mut from_broker, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let orders = Arc::clone(orders);
    thread::spawn(move || {
        let _ = requests(&client, &broker, &orders);
        let _ = client.shutdown(Shutdown::Both);
        let _ = broker.shutdown(Shutdown::Both);
    });
}

fn requests(mut from: &TcpStream, mut to: &TcpStream, orders: &Mutex<Orders>) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let mut request = vec![0; u32::from_be_bytes(length) as usize];
        from.read_exact(&mut request)?;
        let kind = i16::from_be_bytes([request[0], request[1]]);
        let fault = orders.lock().expect("nobody panics with it").of(kind);
        match fault {
            Some(Fault::Lost) => return Ok(()),
            Some(Fault::AnswerLost) => {
                // The client's side first, so that the answer finds nobody.
                from.shutdown(Shutdown::Both)?;
                to.write_all(&length)?;
                to.write_all(&request)?;
                // The broker has taken it up when it has answered, which it does at once.
                thread::sleep(Duration::from_millis(500));
                return Ok(());
            }
            Some(Fault::Held(time)) => thread::sleep(time),
            None => {}
        }
        to.write_all(&length)?;
        to.write_all(&request)?;
    }
}

impl Orders {
    fn of(&mut self, kind: i16) -> Option<Fault> {
        let at = self
            .open
            .iter()
            .position(|(request, _)| *request as i16 == kind)?;
        self.done += 1;
        Some(self.open.remove(at).1)
    }
}
