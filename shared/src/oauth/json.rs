//! JSON objects that say nothing twice: what somebody else signed or registers is read so.
//!
//! RFC 7515 §4, RFC 7517 §4 and RFC 7519 §4: names within an object "MUST be unique", and who reads one that repeats a name
//! refuses it or takes the last. Whoever checks the first and whoever uses the last would believe two different things, so
//! that here it is refused, however deep it stands. May use serde. As long as reading it any other way: one pass.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a JSON object; `None` for anything else, and where a name stands twice in it or in an object inside it.
#[must_use]
pub fn unique_object(json: &[u8]) -> Option<Map<String, Value>> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = Unique.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

/// Reads any value, and refuses a member that stands there twice.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON that says nothing twice")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = access.next_element_seed(Unique)? {
            all.push(value);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(Unique)?;
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands there twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_once_is_read_as_any_parser_reads_it() {
        let json =
            r#"{"a":[1,-2,0.5,1e300,"x\n",null,true,{"a":{}}],"b":{"a":18446744073709551615}}"#;
        let expected: Map<String, Value> = serde_json::from_str(json).unwrap();
        assert_eq!(unique_object(json.as_bytes()), Some(expected));
        assert_eq!(unique_object(b" {} "), Some(Map::new()));
    }

    #[test]
    fn what_stands_there_twice_is_refused_however_deep() {
        let deep = format!("{}{}{}", r#"{"a":"#, "[".repeat(500), "]".repeat(500));
        for json in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[[{"b":null,"b":null}]]}"#,
            r#"{"a":1} {}"#,
            "[]",
            "7",
            "",
            r#"{"a":1e999}"#,
            &deep,
        ] {
            assert_eq!(unique_object(json.as_bytes()), None, "{json}");
        }
    }
}
