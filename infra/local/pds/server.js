// Bluesky's own server with a directory of accounts in memory, on loopback alone; prints its address when it is up.
const net = require('net')
const crypto = require('crypto')

// Both servers would listen on every interface.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  const ready = rest.find((argument) => typeof argument === 'function')
  if (typeof port !== 'number') return listen.call(this, port, ...rest)
  return listen.call(this, port, '127.0.0.1', ...(ready ? [ready] : []))
}

const [directoryPort, serverPort, folder] = process.argv.slice(2)
const secret = (bytes) => crypto.randomBytes(bytes).toString('hex')
Object.assign(process.env, {
  PDS_PORT: serverPort,
  PDS_HOSTNAME: 'localhost',
  PDS_DEV_MODE: 'true',
  PDS_INVITE_REQUIRED: 'false',
  PDS_RATE_LIMITS_ENABLED: 'true',
  PDS_DID_PLC_URL: `http://127.0.0.1:${directoryPort}`,
  PDS_DATA_DIRECTORY: folder,
  PDS_BLOBSTORE_DISK_LOCATION: `${folder}/blobs`,
  PDS_BLOBSTORE_DISK_TMP_LOCATION: `${folder}/uploads`,
  PDS_JWT_SECRET: process.env.PDS_JWT_SECRET || secret(16),
  PDS_ADMIN_PASSWORD: 'admin',
  PDS_DPOP_SECRET: secret(32),
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: secret(32),
  LOG_ENABLED: 'false',
})

async function main() {
  const plc = require('@did-plc/server')
  const db = plc.MockDatabase ? new plc.MockDatabase() : plc.Database.mock()
  await plc.PlcServer.create({ db, port: Number(directoryPort) }).start()
  const { PDS, envToCfg, envToSecrets, readEnv } = require('@atproto/pds')
  const env = readEnv()
  await (await PDS.create(envToCfg(env), envToSecrets(env))).start()
  console.log(`up ${serverPort}`)
}

// The server ends with the test that started it.
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
main().catch((error) => {
  console.error(error)
  process.exit(1)
})
