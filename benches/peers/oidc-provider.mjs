// panva's oidc-provider as somebody would run it who takes it as it comes: one process, its own in-memory store or an
// adapter on a SQLite file (node:sqlite, WAL, synchronous = NORMAL, which is less than ours: FULL).
//
//     node oidc-provider.mjs MODULES PORT memory|sqlite FILE
//
// A person's clicks are made for them: whoever is not signed in is signed in as alice and consents at once.
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, port, store, file] = process.argv.slice(2);
const { Provider } = await import(createRequire(join(modules, 'package.json')).resolve('oidc-provider'));

const DAY = 86400;
const SCOPE = 'openid offline_access stats:read';
const seconds = () => Math.floor(Date.now() / 1000);

/** One table of models; the statements are prepared once. */
async function sqliteAdapter() {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS models (key TEXT PRIMARY KEY, payload TEXT NOT NULL, grant_id TEXT, uid TEXT,
      consumed INTEGER, expires INTEGER) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS models_grant ON models (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS models_uid ON models (uid) WHERE uid IS NOT NULL;`);
  const upsert = database.prepare(`INSERT INTO models (key, payload, grant_id, uid, expires) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET payload = excluded.payload, expires = excluded.expires`);
  const find = database.prepare('SELECT payload, consumed FROM models WHERE key = ?');
  const findByUid = database.prepare('SELECT payload, consumed FROM models WHERE uid = ?');
  const consume = database.prepare('UPDATE models SET consumed = ? WHERE key = ?');
  const destroy = database.prepare('DELETE FROM models WHERE key = ?');
  const revoke = database.prepare('DELETE FROM models WHERE grant_id = ?');
  const read = (row) => row && { ...JSON.parse(row.payload), ...(row.consumed ? { consumed: row.consumed } : {}) };
  return class {
    constructor(name) { this.name = name; }
    key(id) { return `${this.name}:${id}`; }
    async upsert(id, payload, lives) {
      const session = this.name === 'Session';
      upsert.run(this.key(id), JSON.stringify(payload), session ? null : payload.grantId ?? null,
        session ? payload.uid : null, seconds() + lives);
    }
    async find(id) { return read(find.get(this.key(id))); }
    async findByUid(uid) { return read(findByUid.get(uid)); }
    async findByUserCode() { return undefined; }
    async consume(id) { consume.run(seconds(), this.key(id)); }
    async destroy(id) { destroy.run(this.key(id)); }
    async revokeByGrantId(grant) { revoke.run(grant); }
  };
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const provider = new Provider(`http://localhost:${port}`, {
  ...(store === 'sqlite' ? { adapter: await sqliteAdapter() } : {}),
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'k1' }] },
  cookies: { keys: ['a key of the bench alone'] },
  clients: [
    {
      client_id: 'web', client_secret: 'web-secret', redirect_uris: ['https://client.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    },
    {
      client_id: 'service', client_secret: 'service-secret', redirect_uris: [],
      grant_types: ['client_credentials'], response_types: [], id_token_signed_response_alg: 'ES256',
    },
  ],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, audience) => ({
        scope: 'stats:read', audience, accessTokenTTL: 3600, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  scopes: SCOPE.split(' '),
  rotateRefreshToken: () => true,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  findAccount: async (ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: {
    Session: DAY, Grant: DAY, RefreshToken: DAY, AccessToken: 3600, ClientCredentials: 3600, IdToken: 3600,
    Interaction: 600, AuthorizationCode: 60,
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { params, session } = await provider.interactionDetails(ctx.req, ctx.res);
  const accountId = session?.accountId ?? 'alice';
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(SCOPE);
  const result = { login: { accountId }, consent: { grantId: await grant.save() } };
  ctx.body = '';
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: true }));
});
provider.on('server_error', (ctx, error) => console.error(error));
provider.listen(Number(port), '127.0.0.1');
