import type { Level } from '../../schemas/event.ts'

/** A line as a logger printed it, with its host, process id and paths made neutral, and what an event of it has to be. */
export interface RealLine {
  logger: string
  line: string
  level: Level
  /** Absent where the line tells no time with its day: then that of the receipt. */
  time?: string
  /** Absent where the line names none. */
  service?: string
  /** Absent where it is the line. */
  message?: string
  /** What the receipt says was not understood. */
  noted?: 'level' | 'message'
}

/** Sent as NDJSON. */
export const JSON_LINES: readonly RealLine[] = [
  { logger: 'pino 10.4.0', line: '{"level":30,"time":1795932665056,"pid":7,"hostname":"web-1","name":"shop","msg":"up"}', level: 'INFO', time: '2026-11-29T06:11:05.056Z', service: 'shop', message: 'up' },
  { logger: 'pino 10.4.0', line: '{"level":40,"time":1795932665056,"pid":7,"hostname":"web-1","name":"shop","ms":812,"msg":"slow"}', level: 'WARN', time: '2026-11-29T06:11:05.056Z', service: 'shop', message: 'slow' },
  { logger: 'pino 10.4.0', line: '{"level":50,"time":1795932665056,"pid":7,"hostname":"web-1","name":"shop","err":{"type":"Error","message":"disk full","stack":"Error: disk full\\n    at file:///app/pino.mjs:3:80"},"msg":"disk full"}', level: 'ERROR', time: '2026-11-29T06:11:05.056Z', service: 'shop', message: 'disk full' },
  { logger: 'pino 10.4.0', line: '{"level":60,"time":1795932665056,"pid":7,"hostname":"web-1","name":"shop","err":{"type":"Error","message":"gone","stack":"Error: gone\\n    at file:///app/pino.mjs:3:120"},"msg":"down"}', level: 'FATAL', time: '2026-11-29T06:11:05.056Z', service: 'shop', message: 'down' },
  { logger: 'pino 10.4.0', line: '{"level":"warn","time":"2026-11-29T06:11:05.060Z","pid":7,"hostname":"web-1","name":"shop","message":"labels"}', level: 'WARN', time: '2026-11-29T06:11:05.060Z', service: 'shop', message: 'labels' },
  { logger: 'pino 10.4.0', line: '{"level":50,"time":1795932665058,"pid":7,"hostname":"web-1","name":"shop","code":"E1","user":5}', level: 'ERROR', time: '2026-11-29T06:11:05.058Z', service: 'shop', message: '{"code":"E1","user":5}', noted: 'message' },
  { logger: 'pino 10.4.0', line: '{"level":35,"time":1795932665,"msg":"custom"}', level: 'INFO', time: '2026-11-29T06:11:05.000Z', message: 'custom', noted: 'level' },
  { logger: '@elastic/ecs-pino-format 1.5.0', line: '{"log.level":"info","@timestamp":"2026-11-29T06:10:57.902Z","process.pid":7,"host.hostname":"web-1","log.logger":"cart","ecs.version":"8.10.0","service.name":"shop","event.dataset":"shop","message":"up"}', level: 'INFO', time: '2026-11-29T06:10:57.902Z', service: 'shop', message: 'up' },
  { logger: '@elastic/ecs-pino-format 1.5.0', line: '{"log.level":"warn","@timestamp":"2026-11-29T06:10:57.903Z","process.pid":7,"host.hostname":"web-1","log.logger":"cart","ecs.version":"8.10.0","service.name":"shop","event.dataset":"shop","ms":5,"message":"slow"}', level: 'WARN', time: '2026-11-29T06:10:57.903Z', service: 'shop', message: 'slow' },
  { logger: '@elastic/ecs-pino-format 1.5.0', line: '{"log.level":"error","@timestamp":"2026-11-29T06:10:57.903Z","process.pid":7,"host.hostname":"web-1","log.logger":"cart","ecs.version":"8.10.0","service.name":"shop","event.dataset":"shop","error":{"type":"Error","message":"disk full","stack_trace":"Error: disk full\\n    at file:///app/ecs-pino.mjs:3:50"},"message":"disk full"}', level: 'ERROR', time: '2026-11-29T06:10:57.903Z', service: 'shop', message: 'disk full' },
  { logger: '@elastic/ecs-pino-format 1.5.0', line: '{"log.level":"fatal","@timestamp":"2026-11-29T06:10:57.904Z","process.pid":7,"host.hostname":"web-1","log.logger":"cart","ecs.version":"8.10.0","service.name":"shop","event.dataset":"shop","message":"gone"}', level: 'FATAL', time: '2026-11-29T06:10:57.904Z', service: 'shop', message: 'gone' },
  { logger: '@elastic/ecs-winston-format 1.5.3', line: '{"@timestamp":"2026-11-29T06:10:58.229Z","ecs.version":"8.10.0","event.dataset":"shop","log.level":"info","message":"up","service.name":"shop"}', level: 'INFO', time: '2026-11-29T06:10:58.229Z', service: 'shop', message: 'up' },
  { logger: '@elastic/ecs-winston-format 1.5.3', line: '{"@timestamp":"2026-11-29T06:10:58.232Z","ecs.version":"8.10.0","event.dataset":"shop","log.level":"warn","message":"slow","ms":5,"service.name":"shop"}', level: 'WARN', time: '2026-11-29T06:10:58.232Z', service: 'shop', message: 'slow' },
  { logger: '@elastic/ecs-winston-format 1.5.3', line: '{"@timestamp":"2026-11-29T06:10:58.233Z","ecs.version":"8.10.0","error":{"message":"disk full","stack_trace":"Error: disk full\\n    at file:///app/ecs-winston.mjs:3:50","type":"Error"},"event.dataset":"shop","log.level":"error","message":"disk full","service.name":"shop"}', level: 'ERROR', time: '2026-11-29T06:10:58.233Z', service: 'shop', message: 'disk full' },
  { logger: '@elastic/ecs-winston-format 1.5.3', line: '{"@timestamp":"2026-11-29T06:10:58.233Z","ecs.version":"8.10.0","event.dataset":"shop","log.level":"silly","message":"s","service.name":"shop"}', level: 'TRACE', time: '2026-11-29T06:10:58.233Z', service: 'shop', message: 's' },
  { logger: '@elastic/ecs-morgan-format 1.5.1', line: '{"@timestamp":"2026-11-29T06:11:02.063Z","log.level":"error","message":"::ffff:127.0.0.1 - - [29/Nov/2026:06:11:02 +0000] \\"GET /e HTTP/1.1\\" 500 1 \\"-\\" \\"node\\"","ecs.version":"8.10.0","service.name":"shop","event.dataset":"shop","http":{"version":"1.1","request":{"method":"GET","headers":{"host":"127.0.0.1:46007","connection":"keep-alive","accept":"*/*","accept-language":"*","sec-fetch-mode":"cors","user-agent":"node","accept-encoding":"gzip, deflate"}},"response":{"status_code":500,"headers":{"x-powered-by":"Express","content-type":"text/html; charset=utf-8","content-length":"1","etag":"W/\\"1-EfatjsUqKYSrqv18O1FlA3hcIHI\\""},"body":{"bytes":1}}},"url":{"full":"http://127.0.0.1:46007/e","path":"/e","domain":"127.0.0.1"},"client":{"address":"::ffff:127.0.0.1","ip":"::ffff:127.0.0.1","port":56604},"user_agent":{"original":"node"}}', level: 'ERROR', time: '2026-11-29T06:11:02.063Z', service: 'shop', message: '::ffff:127.0.0.1 - - [29/Nov/2026:06:11:02 +0000] "GET /e HTTP/1.1" 500 1 "-" "node"' },
  { logger: 'winston 3.19.0', line: '{"level":"\\u001b[31merror\\u001b[39m","message":"disk full","timestamp":"2026-11-29T06:11:07.011Z"}', level: 'ERROR', time: '2026-11-29T06:11:07.011Z', message: 'disk full' },
  { logger: 'winston 3.19.0', line: '{"level":"\\u001b[33mwarn\\u001b[39m","message":"slow","ms":5,"timestamp":"2026-11-29T06:11:07.011Z"}', level: 'WARN', time: '2026-11-29T06:11:07.011Z', message: 'slow' },
  { logger: 'winston 3.19.0', line: '{"@fields":{"label":"shop","level":"error"},"@message":"disk full","@timestamp":"2026-11-29T06:11:07.096Z"}', level: 'ERROR', time: '2026-11-29T06:11:07.096Z', message: 'disk full' },
  { logger: 'winston 3.19.0', line: '{"level":"emerg","message":"e","timestamp":"2026-11-29T06:11:07.244Z"}', level: 'FATAL', time: '2026-11-29T06:11:07.244Z', message: 'e' },
  { logger: 'bunyan 2.0.5', line: '{"name":"shop","hostname":"web-1","pid":7,"level":30,"msg":"up","time":"2026-11-29T06:10:54.647Z","v":0}', level: 'INFO', time: '2026-11-29T06:10:54.647Z', service: 'shop', message: 'up' },
  { logger: 'bunyan 2.0.5', line: '{"name":"shop","hostname":"web-1","pid":7,"level":50,"err":{"message":"disk full","name":"Error","stack":"Error: disk full\\n    at file:///app/bunyan.mjs:3:78"},"msg":"disk full","time":"2026-11-29T06:10:54.648Z","v":0}', level: 'ERROR', time: '2026-11-29T06:10:54.648Z', service: 'shop', message: 'disk full' },
  { logger: 'bunyan 2.0.5', line: '{"name":"shop","hostname":"web-1","pid":7,"level":60,"msg":"gone","time":"2026-11-29T06:10:54.648Z","v":0}', level: 'FATAL', time: '2026-11-29T06:10:54.648Z', service: 'shop', message: 'gone' },
  { logger: 'bunyan 2.0.5', line: '{"name":"shop","hostname":"web-1","pid":7,"level":50,"code":5,"msg":"","time":"2026-11-29T06:10:54.648Z","v":0}', level: 'ERROR', time: '2026-11-29T06:10:54.648Z', service: 'shop', message: '{"code":5}', noted: 'message' },
  { logger: 'tslog 5.1.0', line: '{"message":"s","level":"SILLY","levelId":0,"time":"2026-11-29T06:11:06.606Z","_logMeta":{"v":5,"runtime":"node","runtimeVersion":"24.21.0","hostname":"web-1","date":"2026-11-29T06:11:06.606Z","logLevelId":0,"logLevelName":"SILLY","name":"shop"}}', level: 'TRACE', time: '2026-11-29T06:11:06.606Z', service: 'shop', message: 's' },
  { logger: 'tslog 5.1.0', line: '{"message":"slow","level":"WARN","levelId":4,"time":"2026-11-29T06:11:06.608Z","ms":5,"_logMeta":{"v":5,"runtime":"node","runtimeVersion":"24.21.0","hostname":"web-1","date":"2026-11-29T06:11:06.608Z","logLevelId":4,"logLevelName":"WARN","name":"shop"}}', level: 'WARN', time: '2026-11-29T06:11:06.608Z', service: 'shop', message: 'slow' },
  { logger: 'tslog 5.1.0', line: '{"message":"gone","level":"FATAL","levelId":6,"time":"2026-11-29T06:11:06.612Z","_logMeta":{"v":5,"runtime":"node","runtimeVersion":"24.21.0","hostname":"web-1","date":"2026-11-29T06:11:06.612Z","logLevelId":6,"logLevelName":"FATAL","name":"shop"}}', level: 'FATAL', time: '2026-11-29T06:11:06.612Z', service: 'shop', message: 'gone' },
  { logger: 'log4js 6.9.1', line: '{"startTime":"2026-11-29T06:11:00.227Z","categoryName":"json","data":["up"],"level":{"level":20000,"levelStr":"INFO","colour":"green"},"context":{},"pid":7}', level: 'INFO', time: '2026-11-29T06:11:00.227Z', service: 'json', message: 'up' },
  { logger: 'log4js 6.9.1', line: '{"startTime":"2026-11-29T06:11:00.227Z","categoryName":"json","data":["slow",{"ms":5}],"level":{"level":30000,"levelStr":"WARN","colour":"yellow"},"context":{},"pid":7}', level: 'WARN', time: '2026-11-29T06:11:00.227Z', service: 'json', message: 'slow {"ms":5}' },
  { logger: 'log4js 6.9.1', line: '{"startTime":"2026-11-29T06:11:00.227Z","categoryName":"json","data":["m"],"level":{"level":9007199254740992,"levelStr":"MARK","colour":"grey"},"context":{},"pid":7}', level: 'INFO', time: '2026-11-29T06:11:00.227Z', service: 'json', message: 'm', noted: 'level' },
  { logger: 'consola 3.4.2', line: '{"date":"2026-11-29T06:10:56.628Z","args":["json",{}],"type":"error","level":0,"tag":"shop"}', level: 'ERROR', time: '2026-11-29T06:10:56.628Z', service: 'shop', message: 'json {}' },
  { logger: 'consola 3.4.2', line: '{"date":"2026-11-29T06:10:56.629Z","args":["json"],"type":"warn","level":1,"tag":""}', level: 'WARN', time: '2026-11-29T06:10:56.629Z', message: 'json' },
  { logger: 'roarr 7.21.7', line: '{"context":{"package":"shop","logLevel":40},"message":"msg of warn","sequence":"3","time":1795932665313,"version":"2.0.0"}', level: 'WARN', time: '2026-11-29T06:11:05.313Z', service: 'shop', message: 'msg of warn' },
  { logger: 'roarr 7.21.7', line: '{"context":{"package":"shop","logLevel":60},"message":"msg of fatal","sequence":"5","time":1795932665313,"version":"2.0.0"}', level: 'FATAL', time: '2026-11-29T06:11:05.313Z', service: 'shop', message: 'msg of fatal' },
  { logger: 'lambda-log 3.1.0', line: '{"_logLevel":"warn","msg":"msg of warn","_tags":[]}', level: 'WARN', message: 'msg of warn' },
  { logger: 'lambda-log 3.1.0', line: '{"_logLevel":"error","msg":"msg of error","_tags":[]}', level: 'ERROR', message: 'msg of error' },
  { logger: 'NestJS 12.5.1', line: '{"level":"error","pid":7,"timestamp":1795932663406,"message":"msg of error","context":"CartService"}', level: 'ERROR', time: '2026-11-29T06:11:03.406Z', service: 'CartService', message: 'msg of error' },
  { logger: 'NestJS 12.5.1', line: '{"level":"log","pid":7,"timestamp":1795932663405,"message":"msg of log","context":"CartService"}', level: 'INFO', time: '2026-11-29T06:11:03.405Z', service: 'CartService', message: 'msg of log' },
  { logger: 'adze 2.3.0', line: '{"v":1,"level":0,"levelName":"alert","name":"shop","hostname":"web-1","msg":"msg of alert","args":[],"pid":7,"time":"2026-11-29T06:10:53+00:00","meta":{"port":80}}', level: 'FATAL', time: '2026-11-29T06:10:53.000Z', service: 'shop', message: 'msg of alert' },
  { logger: 'adze 2.3.0', line: '{"v":1,"level":8,"levelName":"verbose","name":"shop","hostname":"web-1","msg":"msg of verbose","args":[],"pid":7,"time":"2026-11-29T06:10:53+00:00","meta":{"port":80}}', level: 'TRACE', time: '2026-11-29T06:10:53.000Z', service: 'shop', message: 'msg of verbose' },
  { logger: 'bole 6.0.12', line: '{"time":"2026-11-29T06:10:54.282Z","hostname":"web-1","pid":7,"level":"error","name":"shop","message":"x"}', level: 'ERROR', time: '2026-11-29T06:10:54.282Z', service: 'shop', message: 'x' },
  { logger: 'logtape 2.4.2', line: '{"@timestamp":"2026-11-29T06:11:01.505Z","level":"ERROR","message":"msg of error","logger":"shop.cart","properties":{}}', level: 'ERROR', time: '2026-11-29T06:11:01.505Z', service: 'shop.cart', message: 'msg of error' },
  { logger: 'evlog 2.29.0', line: '{"timestamp":"2026-11-29T06:10:58.602Z","level":"warn","service":"shop","environment":"development","tag":"cart","message":"msg of warn"}', level: 'WARN', time: '2026-11-29T06:10:58.602Z', service: 'shop', message: 'msg of warn' },
  { logger: 'fastify 5.12.8', line: '{"level":50,"time":1795932659655,"pid":7,"hostname":"web-1","name":"shop","reqId":"req-2","req":{"method":"GET","url":"/e","host":"localhost:80","remoteAddress":"127.0.0.1"},"res":{"statusCode":500},"err":{"type":"Error","message":"boom","stack":"Error: boom\\n    at Object.<anonymous> (file:///app/fastify.mjs:2:105)\\n    at preHandlerCallbackInner (/tmp/bw/lines/lab/node_modules/fastify/lib/handle-request.js:190:24)\\n    at preHandlerCallback (/tmp/bw/lines/lab/node_modules/fastify/lib/handle-request.js:155:5)\\n    at validationCompleted (/tmp/bw/lines/lab/node_modules/fastify/lib/handle-request.js:145:5)\\n    at preValidationCallback (/tmp/bw/lines/lab/node_modules/fastify/lib/handle-request.js:122:5)\\n    at handler (/tmp/bw/lines/lab/node_modules/fastify/lib/handle-request.js:99:7)\\n    at Object.handleRequest (/tmp/bw/lines/lab/node_modules/fastify/lib/handle-request.js:35:5)\\n    at runPreParsing (/tmp/bw/lines/lab/node_modules/fastify/lib/route.js:692:19)\\n    at Object.routeHandler [as handler] (/tmp/bw/lines/lab/node_modules/fastify/lib/route.js:603:7)\\n    at Router.callHandler (/tmp/bw/lines/lab/node_modules/find-my-way/index.js:623:14)"},"msg":"boom"}', level: 'ERROR', time: '2026-11-29T06:10:59.655Z', service: 'shop', message: 'boom' },
  { logger: 'fastify 5.12.8', line: '{"level":30,"time":1795932659658,"pid":7,"hostname":"web-1","name":"shop","reqId":"req-3","res":{"statusCode":404},"responseTime":0.46457400000002735,"msg":"request completed"}', level: 'INFO', time: '2026-11-29T06:10:59.658Z', service: 'shop', message: 'request completed' }
]

/** Sent as text. */
export const TEXT_LINES: readonly RealLine[] = [
  { logger: 'winston 3.19.0', line: '\u001b[32minfo\u001b[39m: up', level: 'INFO' },
  { logger: 'winston 3.19.0', line: '\u001b[33mwarn\u001b[39m: slow {"ms":5}', level: 'WARN' },
  { logger: 'winston 3.19.0', line: '\u001b[31merror\u001b[39m: disk full', level: 'ERROR' },
  { logger: 'winston 3.19.0', line: '\u001b[35msilly\u001b[39m: s', level: 'TRACE' },
  { logger: 'winston 3.19.0', line: '2026-11-29T06:11:07.032Z [shop] error: disk full', level: 'ERROR', time: '2026-11-29T06:11:07.032Z' },
  { logger: 'winston 3.19.0', line: '[2026-11-29 06:11:07] WARN slow', level: 'WARN', time: '2026-11-29T06:11:07.000Z' },
  { logger: 'pino-pretty 13.2.0', line: '[06:11:04.734] ERROR (shop/7): disk full', level: 'ERROR', service: 'shop' },
  { logger: 'pino-pretty 13.2.0', line: '[2026-11-29 06:11:04.740 +0000] \u001b[33mWARN\u001b[39m (shop/7): \u001b[36mslow\u001b[39m', level: 'WARN', time: '2026-11-29T06:11:04.740Z', service: 'shop' },
  { logger: 'pino-pretty 13.2.0', line: 'FATAL (shop): gone', level: 'FATAL' },
  { logger: 'pino-pretty 13.2.0', line: '      "type": "Error",', level: 'INFO' },
  { logger: 'log4js 6.9.1', line: '[2026-11-29T06:11:00.224] [ERROR] basic - Error: disk full', level: 'ERROR', time: '2026-11-29T06:11:00.224Z' },
  { logger: 'log4js 6.9.1', line: '\u001b[33m[2026-11-29T06:11:00.225] [WARN] coloured - \u001b[39mslow { ms: 5 }', level: 'WARN', time: '2026-11-29T06:11:00.225Z' },
  { logger: 'log4js 6.9.1', line: '2026-11-29T06:11:00.228 DEBUG p1 d', level: 'DEBUG', time: '2026-11-29T06:11:00.228Z' },
  { logger: 'log4js 6.9.1', line: '\u001b[34m[2026-11-29T06:11:00.228Z] [TRACE] [p2] -\u001b[39m t', level: 'TRACE', time: '2026-11-29T06:11:00.228Z' },
  { logger: 'tslog 5.1.0', line: '\u001b[37m2026-11-29 06:11:06.761\u001b[39m\u001b[0m\u001b[0m\t\u001b[33m\u001b[1mWARN\u001b[22m\u001b[39m\u001b[0m\u001b[0m\t\u001b[37mtslog.mjs:3\u001b[39m\u001b[0m\u001b[0m\u001b[1m\u001b[37m\tshop\u001b[39m\u001b[22m\u001b[0m\u001b[0m\tslow {', level: 'WARN', time: '2026-11-29T06:11:06.761Z' },
  { logger: 'tslog 5.1.0', line: '\u001b[37m2026-11-29 06:11:06.762\u001b[39m\u001b[0m\u001b[0m\t\u001b[91m\u001b[1mFATAL\u001b[22m\u001b[39m\u001b[0m\u001b[0m\t\u001b[37mtslog.mjs:3\u001b[39m\u001b[0m\u001b[0m\u001b[1m\u001b[37m\tshop\u001b[39m\u001b[22m\u001b[0m\u001b[0m\tgone', level: 'FATAL', time: '2026-11-29T06:11:06.762Z' },
  { logger: 'signale 1.4.0', line: '✖  error     text', level: 'ERROR' },
  { logger: 'signale 1.4.0', line: '⚠  warning   msg of warn', level: 'WARN' },
  { logger: 'signale 1.4.0', line: '[shop] › ✖  fatal     msg of fatal', level: 'FATAL' },
  { logger: 'signale 1.4.0', line: '[11/29/2026] [6:11:05 AM] [signale.mjs] › ⬤  debug     msg of debug', level: 'DEBUG' },
  { logger: 'signale 1.4.0', line: '✔  success   msg of success', level: 'INFO' },
  { logger: 'signale 1.4.0', line: '\u001b[31m✖ \u001b[39m \u001b[31m\u001b[4merror\u001b[24m    \u001b[39m text', level: 'ERROR' },
  { logger: 'consola 3.4.2', line: ' WARN  msg of warn', level: 'WARN' },
  { logger: 'consola 3.4.2', line: ' ERROR  msg of error', level: 'ERROR' },
  { logger: 'consola 3.4.2', line: '[fatal] msg of fatal', level: 'FATAL' },
  { logger: 'consola 3.4.2', line: '[success] msg of success', level: 'INFO' },
  { logger: 'consola 3.4.2', line: '[shop]  ERROR  msg of error', level: 'ERROR' },
  { logger: 'consola 3.4.2', line: '\u001b[41m\u001b[30m ERROR \u001b[39m\u001b[49m msg of error', level: 'ERROR' },
  { logger: 'npmlog 7.0.1', line: 'ERR! prefix msg of error', level: 'ERROR' },
  { logger: 'npmlog 7.0.1', line: 'shop ERR! cart with heading', level: 'ERROR' },
  { logger: 'npmlog 7.0.1', line: 'verb prefix msg of verbose', level: 'TRACE' },
  { logger: 'npmlog 7.0.1', line: '\u001b[37;40mshop\u001b[0m \u001b[0m\u001b[30;43mWARN\u001b[0m \u001b[0m\u001b[35mcart\u001b[0m coloured', level: 'WARN' },
  { logger: 'loglevel-plugin-prefix 0.8.4', line: '[06:11:01] ERROR: msg of error', level: 'ERROR' },
  { logger: 'loglevel-plugin-prefix 0.8.4', line: '[2026-11-29T06:11:01.020Z] WARN (shop) static text: tpl', level: 'WARN', time: '2026-11-29T06:11:01.020Z' },
  { logger: 'loglevel-plugin-prefix 0.8.4', line: 'Trace: msg of trace', level: 'INFO' },
  { logger: 'electron-log 5.4.4', line: '2026-11-29 06:11:07.894 [error] (shop) scoped', level: 'ERROR', time: '2026-11-29T06:11:07.894Z' },
  { logger: 'electron-log 5.4.4', line: '[2026-11-29 06:11:07.898] [warn]  file format', level: 'WARN', time: '2026-11-29T06:11:07.898Z' },
  { logger: 'electron-log 5.4.4', line: '06:11:07.890 › msg of error', level: 'INFO' },
  { logger: 'adze 2.3.0', line: ' Error      msg of error', level: 'ERROR' },
  { logger: 'adze 2.3.0', line: '[2026-11-29T06:10:53+00:00] ALERT:  on web-1: msg of alert ', level: 'FATAL', time: '2026-11-29T06:10:53.000Z' },
  { logger: 'adze 2.3.0', line: 'web-1 - - [29/Nov/2026:06:10:53 +0000] msg of alert', level: 'INFO', time: '2026-11-29T06:10:53.000Z' },
  { logger: 'debug 4.4.3', line: '2026-11-29T06:10:57.648Z shop:cart hello 5', level: 'INFO', time: '2026-11-29T06:10:57.648Z' },
  { logger: 'debug 4.4.3', line: '2026-11-29T06:10:57.650Z shop:cart Error: disk full', level: 'ERROR', time: '2026-11-29T06:10:57.650Z' },
  { logger: 'caterpillar 8.2.0', line: 'emergency: msg of emergency', level: 'FATAL' },
  { logger: 'morgan 1.12.1', line: '::ffff:127.0.0.1 - - [29/Nov/2026:06:11:02 +0000] "GET /e HTTP/1.1" 500 1 "-" "node"', level: 'INFO', time: '2026-11-29T06:11:02.000Z' },
  { logger: 'morgan 1.12.1', line: 'GET /e 500 1 - 0.820 ms', level: 'INFO' },
  { logger: 'NestJS 12.5.1', line: '\u001b[31m[Nest] 7  - \u001b[39m11/29/2026, 6:11:03 AM \u001b[31m  ERROR\u001b[39m \u001b[38;5;3m[CartService] \u001b[39m\u001b[31mmsg of error\u001b[39m', level: 'ERROR' },
  { logger: 'NestJS 12.5.1', line: '[Shop] 7  - 11/29/2026, 6:11:03 AM VERBOSE msg of verbose +1ms', level: 'TRACE' },
  { logger: 'tracer 1.3.0', line: '2026-11-29T06:11:08+0000 <warn> tracer.cjs:1 (Object.<anonymous>) msg of warn', level: 'WARN', time: '2026-11-29T06:11:08.000Z' },
  { logger: 'logtape 2.4.2', line: '2026-11-29 06:11:01.502 +00:00 [ERR] shop·cart: msg of error', level: 'ERROR', time: '2026-11-29T06:11:01.502Z' },
  { logger: 'logtape 2.4.2', line: '\u001b[2m2026-11-29 06:11:01.503 +00\u001b[0m \u001b[1m\u001b[34mDBG\u001b[0m \u001b[2mshop·cart:\u001b[0m msg of debug', level: 'DEBUG', time: '2026-11-29T06:11:01.503Z' },
  { logger: 'logtape 2.4.2', line: '❌ \u001b[4m\u001b[38;2;248;113;113merror\u001b[0m   \u001b[2m\u001b[3m\u001b[38;2;100;116;139mshop·cart\u001b[0m            \u001b[2m\u001b[38;2;148;163;184mmsg of error\u001b[0m', level: 'ERROR' },
  { logger: 'logtape 2.4.2', line: '06:11:01.511 [W] shop·cart: msg of warn', level: 'WARN' },
  { logger: 'logfmt 1.4.0', line: 'level=warn msg="disk almost full" service=shop time=2026-11-29T06:11:00.552Z', level: 'WARN', time: '2026-11-29T06:11:00.552Z', service: 'shop' },
  { logger: 'logfmt 1.4.0', line: 'at=error msg=x', level: 'ERROR' },
  { logger: 'logfmt 1.4.0', line: 'error=true id=3274117257 now=2026-11-29T06:11:00.554Z message="disk full"', level: 'ERROR' },
  { logger: 'console of Node 24.21.0', line: 'Error: disk full', level: 'ERROR' },
  { logger: 'console of Node 24.21.0', line: '    at file:///app/console.mjs:1:67', level: 'INFO' },
  { logger: 'console of Node 24.21.0', line: 'failed: TypeError: x is not a function', level: 'ERROR' },
  { logger: 'console of Node 24.21.0', line: 'Trace: here', level: 'INFO' },
  { logger: 'console of Node 24.21.0', line: 'careful', level: 'INFO' },
  { logger: 'console of Node 24.21.0', line: '(node:7) [DEP1] DeprecationWarning: old', level: 'WARN' },
  { logger: 'console of Node 24.21.0', line: 'Error: unhandled', level: 'ERROR' }
]
