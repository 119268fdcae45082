/** Tables as both dialects have them: text, integers, and JSON as text. Times are milliseconds since the epoch. */
export type Tables = {
  /** `had_folder`: whether they have had a folder in the data root. */
  accounts: {
    id: string
    role: 'user' | 'admin'
    tier: string
    disabled: number
    had_folder: number
    created_at: number
  }
  tokens: {
    id: string
    user_id: string
    name: string
    role: 'user' | 'admin'
    scopes: string | null
    secret_hash: string
    created_at: number
    expires_at: number | null
    last_used_at: number | null
  }
  passwords: { user_id: string; hash: string; changed_at: number }
  invitations: { user_id: string; code_hash: string; expires_at: number }
  sessions: {
    id: string
    user_id: string
    secret_hash: string
    created_at: number
    expires_at: number
    last_used_at: number
    client: string
    address: string
    voucher: string | null
    provider_session: string | null
  }
  /** Who a person is at an identity provider. A row stays when its person is removed: their name there may be given to another. */
  identities: { issuer: string; subject: string; user_id: string }
  /** Until `code_until` a code that a browser exchanges for a visit; null: the visit itself. */
  visits: {
    secret_hash: string
    session_id: string
    environment_id: string
    code_until: number | null
    created_at: number
  }
  environments: {
    id: string
    user_id: string
    name: string
    template: string
    launch: string
    resources: string
    token: string
    host_port: number | null
    desired: 'running' | 'paused' | 'stopped' | 'gone'
    restart_requested_at: number | null
    replace_container: string | null
    made_from: string | null
    safe: number
    failure: string | null
    last_activity_at: number | null
    idle_action: string | null
    upstream: string | null
    out_of_memory_at: number | null
    created_at: number
  }
  openings: { environment_id: string; user_id: string; by: 'browser' | 'token'; at: number }
  /** Long work; `progress`, `result` and `failure` are JSON. At most one job with a `key` is under way. */
  jobs: {
    id: string
    kind: string
    key: string | null
    user_id: string
    title: string
    input: string
    status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
    progress: string | null
    result: string | null
    failure: string | null
    created_at: number
    started_at: number | null
    ended_at: number | null
  }
  /** Folders of `shared/` that are opened to a person or, without `user_id`, to a tier. */
  folder_openings: {
    id: string
    path: string
    user_id: string | null
    tier: string | null
    opened_by: string
    opened_at: number
  }
  /** What was deleted and can come back. Without `user_id` it was in `shared/`. */
  trash: {
    id: string
    user_id: string | null
    path: string
    kind: 'file' | 'folder' | 'link' | 'pipe' | 'socket' | 'device'
    size_bytes: number | null
    bytes: number | null
    deleted_by: string
    deleted_at: number
  }
  /** The newest figures of each folder that is told; `biggest` is JSON. */
  usage_counts: {
    place: string
    bytes: number
    size_bytes: number
    files: number
    folders: number
    missed: number
    biggest: string
    counted_at: number
    full_at: number | null
  }
  /** `at`: the beginning of the hour or day. */
  usage_history: {
    place: string
    span: 'hour' | 'day'
    at: number
    bytes: number
    size_bytes: number
    files: number
  }
  /** `at`: the beginning of the minute. */
  machine_samples: {
    at: number
    memory_used: number
    memory_total: number
    cpu_permille: number
    disk_used: number | null
    disk_total: number | null
    running: number
    waiting: number
  }
  legacy_owners: { container_name: string; user_id: string }
  idempotency_keys: {
    user_id: string
    key: string
    request_hash: string
    environment_id: string
    created_at: number
  }
}

export type JobRow = Tables['jobs']
