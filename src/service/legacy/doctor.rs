//! Doctor reports.

use super::answers::not_a_uuid;
use super::{Legacy, answers, report};
use crate::auth::Caller;
use crate::clock;
use crate::contract::legacy::doctor::{
    Doctor, GetDoctorInfoOutcome, GetDoctorInfoPath, GetDoctorInfoRefusal, PublishDoctorInfoOutcome,
    PublishDoctorInfoPath, PublishDoctorInfoRefusal,
};
use crate::contract::legacy::types::{DoctorInfo, Namespace};
use crate::domain::uuid_text;
use crate::store::{QueryError, doctor};

impl Doctor for Legacy {
    async fn publish_doctor_info(
        &self,
        path: PublishDoctorInfoPath,
        body: Option<DoctorInfo>,
    ) -> Result<PublishDoctorInfoOutcome, PublishDoctorInfoRefusal> {
        let id = uuid_text::parse(&path.uuid).ok_or_else(|| not_a_uuid("uuid in path", &path.uuid))?;
        let required = |name: &str| answers::unprocessable(format!("{name} in body is required"));
        let mut info = body.ok_or_else(|| required("namespaces"))?;
        if let Some(missing) = missing(&info) {
            return Err(required(missing).into());
        }
        info.workflow = info.workflow.map(report::normalise).transpose().map_err(answers::bad_request)?;
        let report = serde_json::to_value(info)
            .map_err(|error| answers::bad_request(format!("the body cannot be kept: {error}")))?;
        self.query(move |connection| doctor::put(connection, id, &report, clock::now())).await?;
        Ok(PublishDoctorInfoOutcome::Ok {})
    }

    async fn get_doctor_info(
        &self,
        _caller: Caller,
        path: GetDoctorInfoPath,
    ) -> Result<GetDoctorInfoOutcome, GetDoctorInfoRefusal> {
        let id = uuid_text::parse(&path.uuid).ok_or_else(|| not_a_uuid("uuid in path", &path.uuid))?;
        let found = self.query(move |connection| doctor::find(connection, id)).await?;
        let report = found.ok_or_else(|| answers::not_found("404 report not found"))?;
        let body = serde_json::from_value(report)
            .map_err(|error| answers::unavailable(QueryError::DeserializationError(error.into()).into()))?;
        Ok(GetDoctorInfoOutcome::Ok { body })
    }
}

/// The first property that must be there and is not, in the order in which the old service named it.
fn missing(info: &DoctorInfo) -> Option<&'static str> {
    let Some(namespaces) = &info.namespaces else { return Some("namespaces") };
    if let Some(missing) = namespaces.iter().flatten().find_map(missing_in_namespace) {
        return Some(missing);
    }
    if info.nodes.is_none() {
        return Some("nodes");
    }
    let workflow = info.workflow.as_ref()?;
    match (&workflow.components, workflow.id.as_deref()) {
        (None, _) => Some("components"),
        (_, None | Some("")) => Some("id"),
        _ => None,
    }
}

fn missing_in_namespace(namespace: &Namespace) -> Option<&'static str> {
    let named = namespace.name.as_ref().is_some_and(|name| !name.is_empty());
    [
        ("daemonSets", namespace.daemon_sets.is_some()),
        ("deployments", namespace.deployments.is_some()),
        ("events", namespace.events.is_some()),
        ("name", named),
        ("pods", namespace.pods.is_some()),
        ("services", namespace.services.is_some()),
    ]
    .into_iter()
    .find_map(|(name, is_there)| (!is_there).then_some(name))
}
