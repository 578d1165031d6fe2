//! Where spans go, and how many: the variables of OpenTelemetry's specification ("Environment Variable
//! Specification", "OpenTelemetry Protocol Exporter"), as far as they are about traces.
//!
//! A program's `main` hands its variables over; nothing here reads the environment. A value that cannot be is an
//! error that names its variable, and never shows a header's value. An empty variable is one that is not set.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use url::Url;

/// The one encoding that is spoken.
const PROTOCOL: &str = "http/json";
/// Where a collector listens by default.
const DEFAULT_ENDPOINT: &str = "http://localhost:4318";
/// What the collector's base URL is continued with.
const PATH: &str = "v1/traces";

/// What of the environment is about traces.
#[derive(Clone)]
pub struct TracesConfig {
    /// Where spans are posted. Default none: nothing is exported.
    pub endpoint: Option<Url>,
    /// Headers of each post, as a collector's token. They are never shown.
    pub headers: Vec<(String, String)>,
    /// The most that one post may take. Default 10 s.
    pub timeout: Duration,
    /// What this service is called, where it is another name than its own.
    pub service_name: Option<String>,
    /// What else is said of it.
    pub resource: Vec<(String, String)>,
    /// Which traces are kept.
    pub sampler: Sampler,
    /// How long spans wait for others before they are posted. Default 5 s.
    pub delay: Duration,
    /// The most spans that wait; more are dropped. Default 2048.
    pub queue: usize,
    /// The most spans in one post. Default 512.
    pub batch: usize,
}

/// Which traces are kept (OpenTelemetry SDK, "Built-in samplers").
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// Whether a trace that somebody else began is kept exactly where they keep it.
    pub by_parent: bool,
    /// The share of all other traces that is kept, by their ids: from 0 to 1.
    pub share: f64,
}

/// A variable with a value that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: expected {expected}")]
pub struct InvalidTraces {
    variable: &'static str,
    expected: &'static str,
}

impl fmt::Debug for TracesConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.endpoint.as_ref().and_then(Url::host_str);
        f.debug_struct("TracesConfig")
            .field("host", &host)
            .field("sampler", &self.sampler)
            .finish_non_exhaustive()
    }
}

impl Default for TracesConfig {
    fn default() -> Self {
        Self {
            endpoint: None,
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            service_name: None,
            resource: Vec::new(),
            sampler: Sampler {
                by_parent: true,
                share: 1.0,
            },
            delay: Duration::from_secs(5),
            queue: 2048,
            batch: 512,
        }
    }
}

impl TracesConfig {
    /// What these variables say. Nothing is exported unless one of them names an endpoint, or `OTEL_TRACES_EXPORTER`
    /// is `otlp`.
    ///
    /// # Errors
    /// [`InvalidTraces`].
    pub fn of(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, InvalidTraces> {
        let variables = Variables(
            variables
                .into_iter()
                .filter(|(name, value)| name.starts_with("OTEL_") && !value.trim().is_empty())
                .map(|(name, value)| (name, value.trim().to_owned()))
                .collect(),
        );
        let usual = Self::default();
        let delay = variables.milliseconds("OTEL_BSP_SCHEDULE_DELAY")?;
        let timeout = variables.of_traces(
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
        );
        let queue = variables.number("OTEL_BSP_MAX_QUEUE_SIZE")?;
        let batch = variables.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")?;
        let queue = queue.unwrap_or(usual.queue);
        Ok(Self {
            endpoint: variables.endpoint()?,
            headers: variables.headers()?,
            timeout: variables.milliseconds(timeout)?.unwrap_or(usual.timeout),
            service_name: variables.get("OTEL_SERVICE_NAME").map(str::to_owned),
            resource: variables.pairs("OTEL_RESOURCE_ATTRIBUTES")?,
            sampler: variables.sampler()?,
            delay: delay.unwrap_or(usual.delay),
            queue,
            batch: batch.unwrap_or(usual.batch).min(queue),
        })
    }
}

/// The variables `OTEL_…` that are set.
struct Variables(HashMap<String, String>);

impl Variables {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The variable for traces alone, where it is set; else the one for all signals.
    fn of_traces(&self, traces: &'static str, all: &'static str) -> &'static str {
        match self.get(traces) {
            Some(_) => traces,
            None => all,
        }
    }

    fn number(&self, variable: &'static str) -> Result<Option<usize>, InvalidTraces> {
        let invalid = InvalidTraces {
            variable,
            expected: "a whole number from 1 to 1000000",
        };
        match self.get(variable).map(str::parse::<usize>) {
            None => Ok(None),
            Some(Ok(number @ 1..=1_000_000)) => Ok(Some(number)),
            Some(_) => Err(invalid),
        }
    }

    fn milliseconds(&self, variable: &'static str) -> Result<Option<Duration>, InvalidTraces> {
        let number = self.number(variable)?;
        Ok(number.and_then(|number| Some(Duration::from_millis(u64::try_from(number).ok()?))))
    }

    fn endpoint(&self) -> Result<Option<Url>, InvalidTraces> {
        let disabled = self.get("OTEL_SDK_DISABLED");
        if disabled.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let exporter = self.get("OTEL_TRACES_EXPORTER");
        match exporter {
            None | Some("otlp") => {}
            Some("none") => return Ok(None),
            Some(_) => {
                return Err(InvalidTraces {
                    variable: "OTEL_TRACES_EXPORTER",
                    expected: "`otlp` or `none`",
                });
            }
        }
        let (traces, all) = (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
        );
        let variable = self.of_traces(traces, all);
        let url = match (self.get(traces), self.get(all)) {
            (Some(whole), _) => whole.to_owned(),
            (None, Some(base)) => format!("{}/{PATH}", base.trim_end_matches('/')),
            (None, None) if exporter.is_some() => format!("{DEFAULT_ENDPOINT}/{PATH}"),
            (None, None) => return Ok(None),
        };
        let protocol = self.of_traces(
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        );
        if self.get(protocol).is_some_and(|given| given != PROTOCOL) {
            return Err(InvalidTraces {
                variable: protocol,
                expected: "`http/json`, the one that is spoken",
            });
        }
        let url = Url::parse(&url).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
        url.map(Some).ok_or(InvalidTraces {
            variable,
            expected: "a URL of http or https, as http://localhost:4318",
        })
    }

    fn headers(&self) -> Result<Vec<(String, String)>, InvalidTraces> {
        let variable = self.of_traces(
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
            "OTEL_EXPORTER_OTLP_HEADERS",
        );
        let headers = self.pairs(variable)?;
        let is_header = |(name, value): &(String, String)| {
            reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
                && reqwest::header::HeaderValue::from_str(value).is_ok()
        };
        if headers.iter().all(is_header) {
            return Ok(headers);
        }
        Err(InvalidTraces {
            variable,
            expected: "names and values of HTTP headers",
        })
    }

    /// `key=value` and more after commas, the values percent-encoded (W3C Baggage).
    fn pairs(&self, variable: &'static str) -> Result<Vec<(String, String)>, InvalidTraces> {
        let pair = |text: &str| {
            let (name, value) = text.split_once('=')?;
            let name = name.trim();
            let value = percent_decoded(value.trim())?;
            (!name.is_empty()).then(|| (name.to_owned(), value))
        };
        let text = self.get(variable).unwrap_or_default();
        let pairs = text.split(',').filter(|part| !part.trim().is_empty());
        pairs.map(pair).collect::<Option<_>>().ok_or(InvalidTraces {
            variable,
            expected: "pairs as name=value,name=value",
        })
    }

    fn sampler(&self) -> Result<Sampler, InvalidTraces> {
        let argument = "OTEL_TRACES_SAMPLER_ARG";
        let share = match self.get(argument).map(str::parse::<f64>) {
            None => 1.0,
            Some(Ok(share)) if (0.0..=1.0).contains(&share) => share,
            Some(_) => {
                return Err(InvalidTraces {
                    variable: argument,
                    expected: "a number from 0 to 1",
                });
            }
        };
        let name = self.get("OTEL_TRACES_SAMPLER");
        let name = name.unwrap_or("parentbased_always_on");
        let (by_parent, own) = match name.strip_prefix("parentbased_") {
            Some(own) => (true, own),
            None => (false, name),
        };
        let share = match own {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => share,
            _ => {
                return Err(InvalidTraces {
                    variable: "OTEL_TRACES_SAMPLER",
                    expected: "`always_on`, `always_off` or `traceidratio`, also after `parentbased_`",
                });
            }
        };
        Ok(Sampler { by_parent, share })
    }
}

/// Text without percent-encoding; `None` where it is no UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<TracesConfig, InvalidTraces> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        TracesConfig::of(variables.iter().map(owned))
    }

    fn endpoint(variables: &[(&str, &str)]) -> Option<String> {
        of(variables).unwrap().endpoint.map(String::from)
    }

    #[test]
    fn nothing_is_exported_unless_somebody_says_where_or_that() {
        const BASE: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/");
        assert_eq!(endpoint(&[]), None);
        assert_eq!(endpoint(&[("OTEL_SERVICE_NAME", "x")]), None);
        assert_eq!(
            endpoint(&[BASE]).unwrap(),
            "http://collector:4318/v1/traces"
        );
        let whole = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://c.example/t");
        assert_eq!(endpoint(&[BASE, whole]).unwrap(), "https://c.example/t");
        let otlp = ("OTEL_TRACES_EXPORTER", "otlp");
        assert_eq!(
            endpoint(&[otlp]).unwrap(),
            "http://localhost:4318/v1/traces"
        );
        assert_eq!(endpoint(&[BASE, ("OTEL_TRACES_EXPORTER", "none")]), None);
        assert_eq!(endpoint(&[BASE, ("OTEL_SDK_DISABLED", "true")]), None);
        assert_eq!(endpoint(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), None);
    }

    #[test]
    fn headers_are_decoded_and_never_shown() {
        let config = of(&[(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer%20sesame, x-tenant = 7 ",
        )])
        .unwrap();
        let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            config.headers,
            [
                owned("authorization", "Bearer sesame"),
                owned("x-tenant", "7")
            ]
        );
        assert!(!format!("{config:?}").contains("sesame"));
    }

    #[test]
    fn samplers_are_those_of_the_specification() {
        let sampler = |name: &str, argument: &str| {
            let variables = [
                ("OTEL_TRACES_SAMPLER", name),
                ("OTEL_TRACES_SAMPLER_ARG", argument),
            ];
            of(&variables).unwrap().sampler
        };
        let is = |by_parent, share| Sampler { by_parent, share };
        assert_eq!(sampler("", ""), is(true, 1.0));
        assert_eq!(sampler("traceidratio", "0.25"), is(false, 0.25));
        assert_eq!(sampler("parentbased_traceidratio", "0.25"), is(true, 0.25));
        assert_eq!(sampler("always_off", "0.25"), is(false, 0.0));
        assert_eq!(sampler("parentbased_always_on", "0.25"), is(true, 1.0));
    }

    #[test]
    fn what_cannot_be_is_named_by_its_variable() {
        let secret = "Bearer%20sesame\u{0}";
        for (name, value) in [
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "soon"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
            ("OTEL_RESOURCE_ATTRIBUTES", "team"),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                &format!("authorization={secret}"),
            ),
            ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ] {
            let told = of(&[(name, value)]).unwrap_err().to_string();
            assert!(told.starts_with(name), "{told}");
            assert!(!told.contains("sesame"), "{told}");
        }
        let spoken = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ];
        assert!(of(&spoken).is_err());
        assert!(of(&spoken[1..]).is_ok(), "nothing is exported");
    }
}
