//! The tokens of clusters: each is good for one id, for as long as its key is, and is verified without a look at anything.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, Tag, sign};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::tokens::{ISSUER, bearer, invalid_token};
use super::{Caller, TokenKey};
use crate::wire::Rejection;

/// What they begin with, so that whoever finds one knows what it is.
const PREFIX: &str = "smct_";

/// What is signed with the same keys besides is JSON Web Tokens, which have no such character in them.
const DOMAIN: &[u8] = b"stationmaster cluster token\0";

/// Makes and verifies the tokens of clusters. The first key makes them, and all verify.
pub struct ClusterTokens(Vec<Key>);

impl ClusterTokens {
    /// Tokens under these keys.
    pub fn new(keys: &[TokenKey]) -> Self {
        Self(keys.iter().map(|key| Key::new(HMAC_SHA256, key.expose())).collect())
    }

    /// Whether a request shows the token of some cluster, good or not.
    pub fn is_shown(head: &Parts) -> bool {
        bearer(&head.headers).is_ok_and(|shown| shown.starts_with(PREFIX))
    }

    /// The token of a cluster: always the same one while the first key is.
    pub fn issue(&self, id: Uuid) -> String {
        let [first, ..] = self.0.as_slice() else { return String::new() };
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(tag(first, id)))
    }

    /// The caller who sent this request, if it shows the token of the cluster that it is about.
    ///
    /// # Errors
    /// [`Rejection::Unauthorized`] without the token of this very cluster.
    pub fn authorize(&self, head: &Parts, resource: &[(String, String)]) -> Result<Caller, Rejection> {
        let shown = bearer(&head.headers)?;
        let id = resource.iter().find(|(name, _)| name == "id").and_then(|(_, id)| Uuid::try_parse(id).ok());
        let key = id.and_then(|id| self.key_of(shown, id));
        let key = key.ok_or_else(|| invalid_token("This is not the token of this cluster."))?;
        Ok(Caller { is_outdated: key > 0, ..Caller::new("cluster", ISSUER, head) })
    }

    /// Which of the keys made the token that is shown for this cluster; none if none did.
    fn key_of(&self, shown: &str, id: Uuid) -> Option<usize> {
        let mac = URL_SAFE_NO_PAD.decode(shown.strip_prefix(PREFIX)?).ok()?;
        self.0.iter().position(|key| verify_slices_are_equal(tag(key, id).as_ref(), &mac).is_ok())
    }
}

fn tag(key: &Key, id: Uuid) -> Tag {
    sign(key, &[DOMAIN, id.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use axum::http::{Request, header};

    use super::*;

    fn tokens(keys: &[&str]) -> ClusterTokens {
        let keys = keys.iter().map(|key| TokenKey::from_text(&key.repeat(32), "a test").expect("long enough"));
        ClusterTokens::new(&keys.collect::<Vec<_>>())
    }

    /// Whether the token is outdated, if it is good.
    fn authorize(tokens: &ClusterTokens, shown: &str, id: &str) -> Result<bool, Rejection> {
        let (mut head, ()) = Request::new(()).into_parts();
        head.headers.insert(header::AUTHORIZATION, format!("Bearer {shown}").parse().expect("a header"));
        tokens.authorize(&head, &[("id".into(), id.into())]).map(|caller| caller.is_outdated)
    }

    #[test]
    fn a_token_is_good_for_its_cluster_alone() {
        let [one, other] = [1, 2].map(Uuid::from_u128);
        let tokens = tokens(&["a"]);
        let token = tokens.issue(one);
        assert_eq!(token, tokens.issue(one));
        assert_eq!(token.len(), 48);
        assert_eq!(authorize(&tokens, &token, &one.to_string()), Ok(false));
        assert_eq!(authorize(&tokens, &token, &one.simple().to_string().to_uppercase()), Ok(false));
        let foreign = self::tokens(&["b"]).issue(one);
        for (shown, id) in [
            (token.as_str(), other.to_string()),
            (&token, "no UUID".into()),
            (&token[..47], one.to_string()),
            (&format!("{token}A"), one.to_string()),
            (&token[PREFIX.len()..], one.to_string()),
            (&foreign, one.to_string()),
            (PREFIX, one.to_string()),
        ] {
            assert!(authorize(&tokens, shown, &id).is_err(), "{shown} for {id}");
        }
    }

    #[test]
    fn a_token_of_a_key_that_is_being_replaced_is_good_and_outdated() {
        let id = Uuid::from_u128(1);
        let (old, both, new) = (tokens(&["a"]), tokens(&["b", "a"]), tokens(&["b"]));
        let shown = |tokens: &ClusterTokens, token: &str| authorize(tokens, token, &id.to_string());
        assert_eq!(shown(&both, &old.issue(id)), Ok(true));
        assert_eq!(shown(&both, &both.issue(id)), Ok(false));
        assert_eq!(both.issue(id), new.issue(id));
        assert!(shown(&new, &old.issue(id)).is_err());
    }
}
