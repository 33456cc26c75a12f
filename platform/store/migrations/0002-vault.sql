-- Keys of the service's vault. Each is encrypted under a key that follows from the installation's secret and is never
-- in the database, so the database alone opens nothing.
create table vault_keys (
  id int primary key,
  sealed bytea not null,
  created_at timestamptz not null default now(),
  -- Nothing may be sealed under it any more. The row goes when nothing needs it to be opened.
  retired_at timestamptz
);

-- Trigger of each sealed column: what is written there is sealed, under a key that is in use. The lock lets a rotation
-- wait for writers at work, so that a key never goes while a value under it is on its way.
create function vault_guard() returns trigger language plpgsql set search_path from current as $$
declare
  value bytea;
begin
  execute format('select ($1).%I', tg_argv[0]) into value using new;
  if value is null then
    return new;
  end if;
  if length(value) < 93 or get_byte(value, 0) <> 1 then
    raise exception '%.% holds only what the vault sealed', tg_table_name, tg_argv[0] using errcode = 'check_violation';
  end if;
  perform 1 from vault_keys
  where id = ('x' || encode(substring(value from 2 for 4), 'hex'))::bit(32)::int and retired_at is null
  for share;
  if not found then
    -- A serialization failure: the transaction is repeated, and seals under the new key.
    raise exception 'the vault key of %.% is retired', tg_table_name, tg_argv[0] using errcode = 'serialization_failure';
  end if;
  return new;
end $$;
