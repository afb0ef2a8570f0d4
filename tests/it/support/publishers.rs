//! Publishers, as they are added and removed at the command line, and what platforms say of their jobs.

use serde_json::{Value, json};

use super::{Database, LocalIssuer, program, run};

/// Adds a publisher of this issuer; answers its number.
pub(crate) fn add_publisher(database: &Database, issuer: &str, arguments: &[&str]) -> i64 {
    let mut command = program();
    command.args(["publisher", "add", "--issuer", issuer]).args(arguments).env("DATABASE_URL", &database.url);
    let printed = run(&mut command).printed();
    let number = printed.strip_prefix("publisher ").and_then(|rest| rest.split(':').next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{printed}"))
}

pub(crate) fn remove_publisher(database: &Database, id: i64) {
    let mut command = program();
    command.args(["publisher", "remove", &id.to_string()]).env("DATABASE_URL", &database.url);
    run(&mut command).printed();
}

/// What GitHub says of a job that runs for a tag of this repository.
pub(crate) fn github(issuer: &LocalIssuer, repository: &str, tag: &str) -> Value {
    let now = stationmaster::clock::now().timestamp();
    let owner = repository.split('/').next();
    json!({
        "iss": issuer.url, "aud": "stationmaster", "jti": "7c0a5f9e-0b3f-4c7a-9a1e-0f8f6c1f5f10",
        "iat": now, "nbf": now - 5, "exp": now + 300,
        "sub": format!("repo:{repository}:ref:refs/tags/{tag}"),
        "repository": repository, "repository_id": "40391436", "repository_owner": owner,
        "repository_owner_id": "11692543", "repository_visibility": "public",
        "ref": format!("refs/tags/{tag}"), "ref_type": "tag", "ref_protected": "true", "head_ref": "", "base_ref": "",
        "sha": "3ab0e5c1a4b4c8f0c4cf9f6d4e6c4c1a2b3c4d5e",
        "workflow": "release", "workflow_ref": format!("{repository}/.github/workflows/release.yml@refs/tags/{tag}"),
        "job_workflow_ref": format!("{repository}/.github/workflows/release.yml@refs/tags/{tag}"),
        "environment": "release", "event_name": "push", "actor": "octocat", "actor_id": "583231",
        "run_id": "8839201", "run_number": "17", "run_attempt": "1", "runner_environment": "github-hosted",
    })
}

/// What GitLab says of a job that runs for a branch of this project.
pub(crate) fn gitlab(issuer: &LocalIssuer, project: &str, branch: &str) -> Value {
    let now = stationmaster::clock::now().timestamp();
    json!({
        "iss": issuer.url, "aud": "stationmaster", "jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
        "iat": now, "nbf": now - 5, "exp": now + 3_600,
        "sub": format!("project_path:{project}:ref_type:branch:ref:{branch}"),
        "namespace_id": "72", "namespace_path": project.split('/').next(), "project_id": "20", "project_path": project,
        "user_id": "1", "user_login": "sample-user", "user_email": "sample-user@example.com",
        "user_access_level": "developer", "pipeline_id": "574", "pipeline_source": "push", "job_id": "302",
        "ref": branch, "ref_type": "branch", "ref_path": format!("refs/heads/{branch}"), "ref_protected": "true",
        "runner_id": 1, "runner_environment": "self-hosted", "sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
        "project_visibility": "public", "ci_config_sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
    })
}
