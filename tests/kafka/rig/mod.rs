//! A real Apache Kafka for the tests: one small broker for all tests of this binary, or one of its
//! own for a test that hurts it. It ends with the tests, however they end.
//! Start at [`Rig::shared`] and [`Rig::fresh`].

pub(crate) mod broker;
pub(crate) mod leash;
pub(crate) mod proxy;
pub(crate) mod secured;
pub(crate) mod signal;
pub(crate) mod tools;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

use broker::{Broker, Settings};
use proxy::Proxy;
pub(crate) use tools::unique;

/// A broker and how clients reach it.
pub(crate) struct Rig {
    broker: Mutex<Broker>,
    access: Access,
}

/// How a client reaches a broker, in the words that every client on librdkafka takes: ours, `kcat`
/// and the Python one.
#[derive(Clone)]
pub(crate) struct Access {
    settings: BTreeMap<String, String>,
}

impl Access {
    /// Plain text to a port of this machine.
    pub(crate) fn plain(port: u16) -> Access {
        Access {
            settings: BTreeMap::new(),
        }
        .with("bootstrap.servers", &format!("127.0.0.1:{port}"))
    }

    /// The same with one setting more.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Access {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Where the broker is.
    pub(crate) fn bootstrap(&self) -> &str {
        &self.settings["bootstrap.servers"]
    }

    /// Every setting.
    pub(crate) const fn settings(&self) -> &BTreeMap<String, String> {
        &self.settings
    }

    /// A client that finds its way, to be configured further.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        for (name, value) in &self.settings {
            client.set(name, value);
        }
        // A broker that is started again is met at once.
        client.set("reconnect.backoff.ms", "50");
        client.set("reconnect.backoff.max.ms", "1000");
        client
    }

    /// Makes a topic and waits until it is there.
    pub(crate) fn create_topic(&self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().expect("settings");
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let topic = configs
            .iter()
            .fold(topic, |topic, (name, value)| topic.set(name, value));
        let options = AdminOptions::new()
            .operation_timeout(Some(Duration::from_secs(30)))
            .request_timeout(Some(Duration::from_secs(30)));
        let made = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a thread can wait")
            .block_on(admin.create_topics([&topic], &options))
            .expect("the broker answers");
        assert_eq!(made, [Ok(name.to_owned())], "{name} is made");
    }
}

impl Rig {
    /// The broker that the tests of this binary share. Topics and groups are named by [`unique`].
    pub(crate) fn shared() -> &'static Rig {
        static SHARED: OnceLock<Rig> = OnceLock::new();
        SHARED.get_or_init(|| Rig::fresh(&[]))
    }

    /// A broker of its own, with these lines in its `server.properties`; it ends when dropped.
    pub(crate) fn fresh(lines: &[(&str, &str)]) -> Rig {
        let lines = lines
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = Settings {
            lines: lines.collect(),
            ..Settings::default()
        };
        let broker = Broker::start(tools::folder("broker"), &settings);
        let access = Access::plain(broker.port());
        Rig::of(broker, access)
    }

    /// A broker of its own that clients reach through a stretch of network that can be disturbed.
    pub(crate) fn behind_a_proxy() -> (Rig, Proxy) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let settings = Settings {
            advertised: Some(port),
            ..Settings::default()
        };
        let folder = tools::folder("behind-a-proxy");
        // The broker asks itself by the way that it tells others, so the proxy has to know it first.
        let [broker_port] = broker::free_ports();
        let proxy = Proxy::between(listener, broker_port);
        let broker = Broker::start_at(folder, broker_port, &settings);
        (Rig::of(broker, Access::plain(port)), proxy)
    }

    fn of(broker: Broker, access: Access) -> Rig {
        Rig {
            broker: Mutex::new(broker),
            access,
        }
    }

    /// How clients reach it.
    pub(crate) const fn access(&self) -> &Access {
        &self.access
    }

    /// Makes a topic and waits until it is there.
    pub(crate) fn create_topic(&self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        self.access.create_topic(name, partitions, configs);
    }

    /// Ends the broker without a word.
    pub(crate) fn kill9(&self) {
        self.broker.lock().expect("no test panicked in it").kill9();
    }

    /// Starts the broker again on what it kept.
    pub(crate) fn start_again(&self) {
        self.broker
            .lock()
            .expect("no test panicked in it")
            .start_again();
    }
}
