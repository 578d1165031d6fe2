//! JSON with its order kept: what is on the allow-list stays, everything else is hidden member by member.
//!
//! May use serde. RFC 8259. A member under a name that is not shown is hidden whole: names inside it may be data.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{HIDDEN, Redaction, allowed};

/// JSON text redacted; `None` for text that is no JSON.
pub(super) fn redacted(redaction: &Redaction, text: &str) -> Option<String> {
    let json: Json = serde_json::from_str(text).ok()?;
    let mut written = String::with_capacity(text.len());
    write(redaction, &json, Under::Nothing, &mut written);
    Some(written)
}

/// JSON whose members stand in the order in which they came, repeated ones too.
enum Json {
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
    Scalar(Value),
}

/// What a value stands under.
#[derive(Clone, Copy)]
enum Under<'n> {
    /// Nothing: it is the whole text, or a member of a list that is.
    Nothing,
    /// A member of this name.
    Name(&'n str),
    /// A list of published keys.
    Keys,
}

fn write(redaction: &Redaction, json: &Json, under: Under<'_>, written: &mut String) {
    match json {
        Json::Object(members) => {
            written.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    written.push(',');
                }
                written.push_str(&Value::from(redaction.name(name)).to_string());
                written.push(':');
                member(redaction, (name, value), under, written);
            }
            written.push('}');
        }
        Json::Array(items) => {
            written.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    written.push(',');
                }
                write(redaction, item, under, written);
            }
            written.push(']');
        }
        Json::Scalar(value) => scalar(redaction, value, under, written),
    }
}

/// The value of one member of an object that stands `under` something.
fn member(
    redaction: &Redaction,
    (name, value): (&str, &Json),
    under: Under<'_>,
    written: &mut String,
) {
    let shown = match under {
        Under::Keys => allowed::key_member(name),
        _ => allowed::parameter(name),
    };
    match (shown, under) {
        (true, Under::Keys) => write(redaction, value, Under::Keys, written),
        (true, _) if name == "keys" => write(redaction, value, Under::Keys, written),
        (true, _) => write(redaction, value, Under::Name(name), written),
        (false, _) => hide(redaction, value, written),
    }
}

fn scalar(redaction: &Redaction, value: &Value, under: Under<'_>, written: &mut String) {
    let text = match (value, under) {
        // RFC 7517: these are published.
        (Value::String(text), Under::Keys) => Value::from(redaction.text(text)).to_string(),
        (Value::String(text), Under::Name(name)) => {
            Value::from(redaction.value(name, text)).to_string()
        }
        (Value::Null, _) | (_, Under::Name(_) | Under::Keys) => value.to_string(),
        (_, Under::Nothing) => Value::from(HIDDEN).to_string(),
    };
    written.push_str(&text);
}

fn hide(redaction: &Redaction, value: &Json, written: &mut String) {
    let hidden = match value {
        Json::Scalar(Value::Null) => Value::Null,
        Json::Scalar(Value::String(text)) => Value::from(redaction.hidden(text)),
        _ => Value::from(HIDDEN),
    };
    written.push_str(&hidden.to_string());
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(Json::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut read = Vec::new();
        while let Some(member) = members.next_entry()? {
            read.push(member);
        }
        Ok(Json::Object(read))
    }
}
