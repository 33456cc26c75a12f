-- Whom we write to: a copy of what auth and users announced, so that nobody has to be asked.
-- Somebody erased stays as a bare id, so that an event that arrives late does not bring them back.
create table recipients (
  user_id uuid primary key,
  email text,
  name text not null default '',
  locale text not null default 'en' check (locale in ('en', 'ru')),
  time_zone text not null default 'UTC',
  state text not null default 'active' check (state in ('active', 'deactivated', 'erased')),
  locked boolean not null default false,
  -- Version of the profile that name, locale and time zone are from.
  version int not null default 0,
  digest_due_at timestamptz,
  erased_at timestamptz
);
create index recipients_digest on recipients (digest_due_at) where digest_due_at is not null;

-- What people chose; who never chose has no row.
create table preferences (
  user_id uuid primary key,
  digest text not null check (digest in ('off', 'daily', 'weekly')),
  choices jsonb not null,
  version int not null
);

-- In-app notifications. The id is that of the event they tell of.
create table notifications (
  user_id uuid not null,
  notification_id uuid not null,
  kind text not null,
  data jsonb not null,
  created_at timestamptz not null,
  read_at timestamptz,
  -- Also told by mail, or in a digest.
  mailed boolean not null,
  primary key (user_id, notification_id)
);
create index notifications_unread on notifications (user_id, notification_id desc) where read_at is null;
create index notifications_age on notifications (created_at);

-- Mails, sent or kept. The id is that of the event that asked for it, and the Message-ID.
create table mails (
  mail_id uuid primary key,
  user_id uuid,
  recipient text not null,
  kind text not null,
  locale text not null check (locale in ('en', 'ru')),
  name text not null default '',
  time_zone text not null default 'UTC',
  -- What the template needs; links and codes are deleted once it is sent.
  data jsonb not null,
  scrubbed boolean not null default false,
  subject text not null,
  state text not null check (state in ('queued', 'sending', 'sent', 'kept', 'failed')),
  attempts int not null default 0,
  error text,
  created_at timestamptz not null,
  sent_at timestamptz,
  -- Who is sending it and until when that is believed.
  lease uuid,
  lease_until timestamptz
);
create index mails_listed on mails (mail_id desc);
create index mails_state on mails (state, mail_id desc);
create index mails_recipient on mails (recipient text_pattern_ops, mail_id desc);
create index mails_user on mails (user_id);
create index mails_age on mails (created_at);
